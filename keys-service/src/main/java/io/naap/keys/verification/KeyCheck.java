package io.naap.keys.verification;

import io.naap.contracts.keys.ApiKey;
import io.naap.keys.metrics.KeysMetrics;
import io.naap.keys.pepper.Peppers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Checks whether a presented key may be used. Form and checksum are checked before any I/O. After
 * that every key costs one read from Postgres, one hash and one comparison in constant time,
 * whether it is valid or not.
 */
@ApplicationScoped
public class KeyCheck {
  private static final String NOTHING = HexFormat.of().formatHex(new byte[32]);

  private final KeyLookup lookup;
  private final Peppers peppers;
  private final KeyUses uses;
  private final KeysMetrics metrics;

  public KeyCheck(KeyLookup lookup, Peppers peppers, KeyUses uses, KeysMetrics metrics) {
    this.lookup = lookup;
    this.peppers = peppers;
    this.uses = uses;
    this.metrics = metrics;
  }

  /** Checks a key that is used; updates its last use and the metrics. */
  public Uni<Checked> use(String presented) {
    return check(presented, true).invoke(this::count);
  }

  /** Checks a key without counting it as used. */
  public Uni<Checked> look(String presented) {
    return check(presented, false);
  }

  private Uni<Checked> check(String presented, boolean isUse) {
    Optional<ApiKey> key = ApiKey.parse(presented);
    return key.isEmpty()
        ? Uni.createFrom().item(new Checked.Bad("malformed"))
        : lookup.find(key.get().id()).map(found -> decide(key.get(), found, isUse));
  }

  private Checked decide(ApiKey key, Optional<StoredSecret> found, boolean isUse) {
    int version = found.map(StoredSecret::pepperVersion).orElse(peppers.current());
    Optional<byte[]> known = peppers.hash(version, key.secret());
    byte[] given =
        known.orElseGet(() -> peppers.hash(peppers.current(), key.secret()).orElseThrow());
    boolean isEqual =
        MessageDigest.isEqual(
            HexFormat.of().formatHex(given).getBytes(StandardCharsets.US_ASCII),
            found.map(StoredSecret::hash).orElse(NOTHING).getBytes(StandardCharsets.US_ASCII));
    if (found.isEmpty()) {
      return new Checked.Bad("unknown");
    }
    StoredSecret secret = found.get();
    if (known.isEmpty()) {
      return new Checked.Bad("pepper_gone");
    }
    if (!isEqual || !secret.mode().equals(key.mode())) {
      return new Checked.Bad("wrong");
    }
    if (!secret.isSecretGood() || !secret.isKeyGood()) {
      return new Checked.Ended(secret.profile().keyId(), secret.isSecretGood());
    }
    if (isUse) {
      uses.used(secret.profile().keyId());
    }
    if (version != peppers.current()) {
      uses.rehash(
          secret.publicId(),
          version,
          HexFormat.of().formatHex(peppers.hash(peppers.current(), key.secret()).orElseThrow()));
    }
    return new Checked.Good(secret.profile());
  }

  private void count(Checked checked) {
    switch (checked) {
      case Checked.Good good -> metrics.resolved();
      case Checked.Ended ended -> metrics.refused("ended");
      case Checked.Bad bad -> metrics.refused(bad.reason());
    }
  }
}
