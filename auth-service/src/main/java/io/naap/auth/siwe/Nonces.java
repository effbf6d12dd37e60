package io.naap.auth.siwe;

import io.naap.auth.secret.Opaque;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** Nonces: each is good for one client, once, for five minutes. Only hashes are stored. */
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

  /** A nonce for the client that holds the binding. */
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
          // Sweeping here keeps the table as small as the traffic of five minutes.
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

  /** Uses a nonce up; true for the one call that did, from the client it was made for, in time. */
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
