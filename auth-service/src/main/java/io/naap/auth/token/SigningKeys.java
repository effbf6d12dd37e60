package io.naap.auth.token;

import io.naap.auth.AuthConfig;
import io.naap.auth.store.Transactions;
import io.naap.auth.store.Tx;
import io.naap.contracts.secret.Secret;
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
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that tokens are signed with (ES256). One signs; retired ones are still published until
 * no token of theirs can be alive. Private keys are encrypted at rest.
 */
@ApplicationScoped
public class SigningKeys {
  private static final Duration CACHE = Duration.ofSeconds(5);
  private static final Duration PUBLISHED_AFTER_RETIREMENT = Duration.ofMinutes(30);
  private static final int IV = 12;
  private static final int TAG_BITS = 128;

  private final Transactions transactions;
  private final Clock clock;
  private final SecretKeySpec secret;
  private final SecureRandom random = new SecureRandom();
  private volatile Snapshot snapshot;

  SigningKeys(Transactions transactions, Clock clock, AuthConfig config) {
    this.transactions = transactions;
    this.clock = clock;
    this.secret = secret(config.keyEncryptionSecret());
  }

  /** The key that signs now. */
  record Current(String kid, PrivateKey privateKey) {
    @Override
    public String toString() {
      return "Current[" + kid + "]";
    }
  }

  /** A key that verifies. */
  record Published(String kid, ECPublicKey publicKey) {}

  private record Snapshot(Current current, List<Published> published, Instant readAt) {}

  Current current() {
    return read().current();
  }

  List<Published> published() {
    return read().published();
  }

  private Snapshot read() {
    Snapshot known = snapshot;
    Instant now = clock.instant();
    if (known == null || known.readAt().plus(CACHE).isBefore(now)) {
      known = transactions.run(tx -> load(tx, now));
      snapshot = known;
    }
    return known;
  }

  private Snapshot load(Tx tx, Instant now) {
    List<Row> rows = rows(tx, now);
    if (rows.stream().noneMatch(row -> row.getOffsetDateTime("retired_at") == null)) {
      create(tx, now);
      rows = rows(tx, now);
    }
    Row signing =
        rows.stream()
            .filter(row -> row.getOffsetDateTime("retired_at") == null)
            .findFirst()
            .orElseThrow();
    return new Snapshot(
        new Current(
            signing.getString("kid"), privateKey(signing.getBuffer("private_key").getBytes())),
        rows.stream()
            .map(
                row ->
                    new Published(
                        row.getString("kid"), publicKey(row.getBuffer("public_key").getBytes())))
            .toList(),
        now);
  }

  private static List<Row> rows(Tx tx, Instant now) {
    return tx.query(
        "select kid, public_key, private_key, retired_at from signing_keys"
            + " where retired_at is null or retired_at > $1 order by created_at desc",
        now.minus(PUBLISHED_AFTER_RETIREMENT).atOffset(ZoneOffset.UTC));
  }

  /** Replicas that start together make one key: the unique index lets one row in. */
  private void create(Tx tx, Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      tx.change(
          """
          insert into signing_keys (kid, public_key, private_key, created_at)
          values ($1, $2, $3, $4) on conflict do nothing""",
          Opaque.random(random).substring(0, 16),
          Buffer.buffer(pair.getPublic().getEncoded()),
          Buffer.buffer(encrypt(pair.getPrivate().getEncoded())),
          now.atOffset(ZoneOffset.UTC));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private byte[] encrypt(byte[] plain) throws GeneralSecurityException {
    byte[] iv = new byte[IV];
    random.nextBytes(iv);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, secret, new GCMParameterSpec(TAG_BITS, iv));
    byte[] sealed = cipher.doFinal(plain);
    byte[] all = Arrays.copyOf(iv, IV + sealed.length);
    System.arraycopy(sealed, 0, all, IV, sealed.length);
    return all;
  }

  private PrivateKey privateKey(byte[] sealed) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE, secret, new GCMParameterSpec(TAG_BITS, Arrays.copyOf(sealed, IV)));
      byte[] plain = cipher.doFinal(Arrays.copyOfRange(sealed, IV, sealed.length));
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(plain));
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalStateException(
          "the signing key cannot be decrypted: is naap.auth.key-encryption-secret the one it was"
              + " stored with?",
          unreadable);
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

  private static SecretKeySpec secret(Secret configured) {
    Optional<byte[]> bytes = decode(configured);
    if (bytes.isEmpty() || bytes.get().length != 32) {
      throw new IllegalStateException(
          "naap.auth.key-encryption-secret must be 32 random bytes in base 64");
    }
    return new SecretKeySpec(bytes.get(), "AES");
  }

  private static Optional<byte[]> decode(Secret configured) {
    try {
      return Optional.of(Base64.getDecoder().decode(configured.reveal().strip()));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}
