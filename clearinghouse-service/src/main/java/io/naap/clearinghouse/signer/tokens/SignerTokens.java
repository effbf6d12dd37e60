package io.naap.clearinghouse.signer.tokens;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Tx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * The tokens of tenants' own programs. Postgres keeps only a SHA-256 hash: a token has 256 random
 * bits, so it cannot be guessed from it. A revoked token is refused within a second.
 */
@ApplicationScoped
public class SignerTokens {
  /** Every token begins with it. */
  public static final String PREFIX = "sgn_";

  private static final Duration REMEMBERED = Duration.ofMillis(500);
  private static final int MOST_REMEMBERED = 10_000;
  private static final int MOST_OF_A_TENANT = 100;

  private final Ledger ledger;
  private final SignerConfig config;
  private final Ids ids;
  private final Clock clock;
  private final RandomGenerator random;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  SignerTokens(Ledger ledger, SignerConfig config, Ids ids, Clock clock, RandomGenerator random) {
    this.ledger = ledger;
    this.config = config;
    this.ids = ids;
    this.clock = clock;
    this.random = random;
  }

  private record Seen(Optional<SignerCaller> caller, Instant at) {}

  /**
   * A token without its secret.
   *
   * @param id {@code sgt_...}
   */
  public record Token(
      String id,
      String tenantId,
      String name,
      String lastFour,
      String createdBy,
      Instant createdAt) {}

  /** A new token and its secret, which is shown once. */
  record Issued(Token token, String secret) {
    /** Does not print the secret. */
    @Override
    public String toString() {
      return "Issued[secret]";
    }
  }

  /** Creates a token; absent when the tenant has a hundred already. */
  Optional<Issued> issue(Tx tx, String tenantId, String name, String by) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String secret = PREFIX + HexFormat.of().formatHex(bytes);
    Token token =
        new Token(
            ids.next(IdKind.SIGNER_TOKEN),
            tenantId,
            name,
            secret.substring(secret.length() - 4),
            by,
            clock.instant().truncatedTo(ChronoUnit.MICROS));
    int added =
        tx.change(
            """
                    insert into signer_token (id, tenant_id, name, token_hash, last_four, created_by,
                      created_at)
                    select $1, $2, $3, $4, $5, $6, $7 where
                      (select count(*) from signer_token where tenant_id = $2 and revoked_at is null) < $8""",
            token.id(),
            tenantId,
            name,
            Buffer.buffer(hash(secret)),
            token.lastFour(),
            by,
            token.createdAt().atOffset(ZoneOffset.UTC),
            MOST_OF_A_TENANT);
    return added == 0 ? Optional.empty() : Optional.of(new Issued(token, secret));
  }

  /** All tokens of a tenant, at most a hundred, the newest first. */
  List<Token> list(String tenantId) {
    return ledger.read(
        tx ->
            tx
                .query(
                    "select * from signer_token where tenant_id = $1 and revoked_at is null"
                        + " order by id desc limit 100",
                    tenantId)
                .stream()
                .map(SignerTokens::token)
                .toList());
  }

  /** True when the tenant had such a token. */
  boolean revoke(String tenantId, String id) {
    int changed =
        ledger.read(
            tx ->
                tx.change(
                    "update signer_token set revoked_at = $3"
                        + " where tenant_id = $1 and id = $2 and revoked_at is null",
                    tenantId,
                    id,
                    clock.instant().atOffset(ZoneOffset.UTC)));
    seen.clear();
    return changed > 0;
  }

  /** The caller of a token that was looked up a moment ago; absent when {@link #find} must ask. */
  public Optional<Optional<SignerCaller>> remembered(String secret) {
    Seen one = seen.get(secret);
    return one != null && one.at().plus(REMEMBERED).isAfter(clock.instant())
        ? Optional.of(one.caller())
        : Optional.empty();
  }

  /** The caller of a token; absent when Postgres knows no such token. */
  public Optional<SignerCaller> find(String secret) {
    Optional<SignerCaller> caller =
        ledger
            .read(
                tx ->
                    tx.one(
                        "select * from signer_token where token_hash = $1 and revoked_at is null",
                        Buffer.buffer(hash(secret))))
            .map(SignerTokens::token)
            .map(
                token ->
                    new SignerCaller(
                        token.id(),
                        Optional.empty(),
                        Optional.of(token.tenantId()),
                        config.tokenTier()));
    if (seen.size() >= MOST_REMEMBERED) {
      seen.clear();
    }
    seen.put(secret, new Seen(caller, clock.instant()));
    return caller;
  }

  /**
   * The SDK's {@code --token}: base64 of JSON with the signer's address and the header that carries
   * the token.
   */
  static String bundle(String signerUrl, String secret) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("signer", signerUrl).put("discovery", signerUrl + "/discover-orchestrators");
    json.putObject("signer_headers").put("Authorization", "Bearer " + secret);
    json.putObject("discovery_headers").put("Authorization", "Bearer " + secret);
    return Base64.getEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static Token token(Row row) {
    return new Token(
        row.getString("id"),
        row.getString("tenant_id"),
        row.getString("name"),
        row.getString("last_four"),
        row.getString("created_by"),
        row.getOffsetDateTime("created_at").toInstant());
  }

  private static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
