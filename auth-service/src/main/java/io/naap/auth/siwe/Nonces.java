package io.naap.auth.siwe;

import io.naap.auth.secret.Opaque;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/**
 * Issues nonces for sign-in and uses them up. Each is valid once, for one client and, by default,
 * for five minutes. Only hashes are stored.
 */
@ApplicationScoped
public class Nonces {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int LENGTH = 24;

  private final Transactions transactions;
  private final Clock clock;
  private final Duration ttl;
  private final SecureRandom random = new SecureRandom();

  Nonces(Transactions transactions, Clock clock, SiweConfig config) {
    this.transactions = transactions;
    this.clock = clock;
    this.ttl = config.nonceTtl();
  }

  /** A nonce, with the secret that binds it to one client. */
  record Nonce(String nonce, String binding, Instant expiresAt) {
    @Override
    public String toString() {
      return "Nonce[secret]";
    }
  }

  Nonce issue() {
    StringBuilder text = new StringBuilder(LENGTH);
    for (int at = 0; at < LENGTH; at++) {
      text.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    Nonce nonce = new Nonce(text.toString(), Opaque.random(random), clock.instant().plus(ttl));
    transactions.run(
        tx -> {
          // Expired nonces are deleted here, so the table stays as small as the traffic of a few
          // minutes.
          tx.change(
              "delete from siwe_nonces where nonce_hash in"
                  + " (select nonce_hash from siwe_nonces where expires_at < $1 limit 20)",
              clock.instant().atOffset(ZoneOffset.UTC));
          return tx.change(
              "insert into siwe_nonces (nonce_hash, binding_hash, expires_at) values ($1, $2, $3)",
              Opaque.hash(nonce.nonce()),
              Opaque.hash(nonce.binding()),
              nonce.expiresAt().atOffset(ZoneOffset.UTC));
        });
    return nonce;
  }

  /**
   * Deletes a nonce and returns true when it existed, was issued to this client and has not
   * expired. Of concurrent calls one succeeds.
   */
  boolean consume(String nonce, String binding) {
    return transactions
        .run(
            tx ->
                tx.query(
                    "delete from siwe_nonces where nonce_hash = $1 returning binding_hash, expires_at",
                    (Object) Opaque.hash(nonce)))
        .stream()
        .anyMatch(
            row ->
                binding != null
                    && java.security.MessageDigest.isEqual(
                        row.getBuffer("binding_hash").getBytes(), Opaque.hash(binding).getBytes())
                    && row.getOffsetDateTime("expires_at").toInstant().isAfter(clock.instant()));
  }
}
