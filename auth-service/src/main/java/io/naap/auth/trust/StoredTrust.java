package io.naap.auth.trust;

import io.naap.auth.token.SigningKeys;
import io.naap.contracts.identity.Subject;
import io.naap.contracts.identity.TrustDocument;
import io.naap.contracts.identity.TrustSource;
import io.naap.contracts.json.Json;
import io.naap.store.Transactions;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Reads the trust document from Postgres, for this service and all others. */
@ApplicationScoped
public class StoredTrust implements TrustSource {
  private static final int COORDINATE = 32;
  private static final Duration CACHE = Duration.ofMillis(200);

  private final Transactions transactions;
  private final SigningKeys keys;
  private final Clock clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Read last;

  StoredTrust(Transactions transactions, SigningKeys keys, Clock clock) {
    this.transactions = transactions;
    this.keys = keys;
    this.clock = clock;
  }

  private record Read(TrustDocument document, Instant at) {}

  @Override
  public Uni<Optional<TrustDocument>> read(String knownVersion) {
    return Uni.createFrom()
        .item(() -> Optional.of(current()).filter(found -> !found.version().equals(knownVersion)))
        .runSubscriptionOn(threads);
  }

  /**
   * The document, read at most a fifth of a second ago, which bounds the load on Postgres. Blocks;
   * call it on a virtual thread.
   */
  TrustDocument current() {
    Read known = last;
    if (known == null || known.at().plus(CACHE).isBefore(clock.instant())) {
      Instant now = clock.instant();
      known = new Read(load(now), now);
      last = known;
    }
    return known.document();
  }

  private TrustDocument load(Instant now) {
    List<TrustDocument.Key> published =
        keys.published().stream()
            .map(
                key ->
                    new TrustDocument.Key(
                        key.kid(),
                        coordinate(key.publicKey().getW().getAffineX()),
                        coordinate(key.publicKey().getW().getAffineY())))
            .toList();
    Map<String, Long> refused = new TreeMap<>();
    transactions.run(
        tx -> {
          for (Row row :
              tx.query(
                  "select subject, not_before from refusals where drop_after >= $1",
                  now.atOffset(ZoneOffset.UTC))) {
            refused.put(row.getString("subject"), row.getLong("not_before"));
          }
          for (Row row : tx.query("select id from tenants where status = 'suspended'")) {
            refused.put(Subject.tenant(row.getString("id")), TrustDocument.FOR_EVER);
          }
          return null;
        });
    return new TrustDocument(version(published, refused), published, refused);
  }

  private static String version(List<TrustDocument.Key> published, Map<String, Long> refused) {
    try {
      byte[] all = Json.write(List.of(published, refused)).getBytes(StandardCharsets.UTF_8);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(all));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * The coordinate of a public key as in a JWK (RFC 7518, section 6.2.1.2): 32 bytes in base64url.
   */
  public static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[COORDINATE];
    int length = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - length, fixed, COORDINATE - length, length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
  }
}
