package io.naap.auth.token;

import io.naap.auth.secret.Opaque;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The signing keys of access tokens (ES256), in Postgres. A new key is published before it signs,
 * so that every verifier has it in time, and stays published until all tokens that it signed have
 * expired. Private keys are stored encrypted. The key in use depends only on the stored times, so
 * replicas agree without communicating.
 */
@ApplicationScoped
public class SigningKeys {
  private final Transactions transactions;
  private final Clock clock;
  private final TokenConfig config;
  private final Sealing sealing;
  private final SecureRandom random = new SecureRandom();
  private volatile Snapshot snapshot;

  SigningKeys(Transactions transactions, Clock clock, TokenConfig config, Sealing sealing) {
    this.transactions = transactions;
    this.clock = clock;
    this.config = config;
    this.sealing = sealing;
  }

  /** The key that signs now. */
  public record Current(String kid, PrivateKey privateKey) {
    @Override
    public String toString() {
      return "Current[" + kid + "]";
    }
  }

  /**
   * A public key that verifies tokens.
   *
   * @param signsFrom when it starts to sign
   * @param signsUntil when its successor starts to sign; empty when there is none
   */
  public record Published(
      String kid, ECPublicKey publicKey, Instant signsFrom, Optional<Instant> signsUntil) {}

  private record Snapshot(Current current, List<Published> published) {}

  public Current current() {
    return read().current();
  }

  /** Every key that may have signed a valid token, or will soon sign. */
  public List<Published> published() {
    return read().published();
  }

  /**
   * Must not run inside a transaction: with two connections per caller, callers could exhaust the
   * pool and wait for each other.
   */
  private Snapshot read() {
    Snapshot known = snapshot;
    return known == null ? refresh() : known;
  }

  /** Reads the keys from Postgres. */
  private Snapshot refresh() {
    Instant now = clock.instant();
    Snapshot fresh = transactions.run(tx -> load(tx, now));
    snapshot = fresh;
    return fresh;
  }

  private Snapshot load(Tx tx, Instant now) {
    List<Row> rows = rows(tx);
    Optional<Row> signing = signing(rows, now);
    if (signing.isEmpty()) {
      // The lock makes replicas that start together create only one key.
      lock(tx);
      rows = rows(tx);
      if (signing(rows, now).isEmpty()) {
        create(tx, now, now);
        rows = rows(tx);
      }
      signing = signing(rows, now);
    }
    Row current = signing.orElseThrow();
    return new Snapshot(
        new Current(
            current.getString("kid"), privateKey(current.getBuffer("private_key").getBytes())),
        published(rows, now));
  }

  private static Optional<Row> signing(List<Row> newestFirst, Instant now) {
    return newestFirst.stream().filter(row -> !signsFrom(row).isAfter(now)).findFirst();
  }

  /** The keys to publish; leaves out those whose tokens have all expired at {@code now}. */
  private List<Published> published(List<Row> newestFirst, Instant now) {
    List<Published> published = new ArrayList<>();
    Optional<Instant> successor = Optional.empty();
    for (Row row : newestFirst) {
      boolean over =
          successor
              .map(from -> from.plus(config.longestLife()).plus(config.skew()).isBefore(now))
              .orElse(false);
      if (!over) {
        published.add(
            new Published(
                row.getString("kid"),
                publicKey(row.getBuffer("public_key").getBytes()),
                signsFrom(row),
                successor));
      }
      successor = Optional.of(signsFrom(row));
    }
    return published;
  }

  private static Instant signsFrom(Row row) {
    return row.getOffsetDateTime("signs_from").toInstant();
  }

  private static List<Row> rows(Tx tx) {
    return tx.query(
        "select kid, public_key, private_key, signs_from from signing_keys"
            + " where revoked_at is null order by signs_from desc limit 20");
  }

  /**
   * Creates the next key when the newest has signed for the rotation interval. Any replica may call
   * it.
   */
  boolean rotateWhenDue() {
    Instant now = clock.instant();
    return transactions.run(
        tx -> {
          lock(tx);
          List<Row> rows = rows(tx);
          boolean due =
              !rows.isEmpty()
                  && !signsFrom(rows.getFirst()).plus(config.keyRotation()).isAfter(now);
          if (due) {
            create(tx, now, now.plus(config.keyLead()));
          }
          return due;
        });
  }

  /**
   * Creates the next key in the caller's transaction.
   *
   * @param compromised true when the old keys must not be trusted any more: they are revoked, the
   *     new key signs at once, and all existing tokens are refused as soon as the services have
   *     read the new keys
   * @return the new key's id
   */
  public String rotate(Tx tx, boolean compromised) {
    Instant now = clock.instant();
    lock(tx);
    if (compromised) {
      tx.change(
          "update signing_keys set revoked_at = $1 where revoked_at is null",
          now.atOffset(ZoneOffset.UTC));
    }
    return create(tx, now, compromised ? now : now.plus(config.keyLead()));
  }

  /** Reads the keys after a change was committed. */
  public void reread() {
    refresh();
  }

  private static void lock(Tx tx) {
    tx.query("select pg_advisory_xact_lock(8102)");
  }

  private String create(Tx tx, Instant now, Instant signsFrom) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      String kid = Opaque.random(random).substring(0, 16);
      tx.change(
          """
          insert into signing_keys (kid, public_key, private_key, created_at, signs_from)
          values ($1, $2, $3, $4, $5)""",
          kid,
          Buffer.buffer(pair.getPublic().getEncoded()),
          Buffer.buffer(sealing.seal(pair.getPrivate().getEncoded())),
          now.atOffset(ZoneOffset.UTC),
          signsFrom.atOffset(ZoneOffset.UTC));
      return kid;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private PrivateKey privateKey(byte[] sealed) {
    try {
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(sealing.open(sealed)));
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }

  private static ECPublicKey publicKey(byte[] encoded) {
    try {
      return (ECPublicKey)
          KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }
}
