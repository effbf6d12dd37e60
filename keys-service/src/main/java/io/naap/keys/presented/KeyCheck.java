package io.naap.keys.presented;

import io.naap.contracts.keys.ApiKey;
import io.naap.keys.KeysMetrics;
import io.naap.keys.apikey.Peppers;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Whether a presented key may be used. Grammar and checksum come before any I/O; after them every
 * key costs one read, one hash and one comparison in constant time, whatever is wrong with it.
 */
@ApplicationScoped
public class KeyCheck {
  private static final String NOTHING = HexFormat.of().formatHex(new byte[32]);

  private final KeyLookup lookup;
  private final Peppers peppers;
  private final KeyUses uses;
  private final KeysMetrics metrics;

  KeyCheck(KeyLookup lookup, Peppers peppers, KeyUses uses, KeysMetrics metrics) {
    this.lookup = lookup;
    this.peppers = peppers;
    this.uses = uses;
    this.metrics = metrics;
  }

  public Uni<Checked> check(String presented) {
    Optional<ApiKey> key = ApiKey.parse(presented);
    if (key.isEmpty()) {
      return Uni.createFrom().item(counted(new Checked.Bad("malformed")));
    }
    return lookup.find(key.get().id()).map(found -> counted(decide(key.get(), found)));
  }

  private Checked decide(ApiKey key, Optional<StoredSecret> found) {
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
    if (!secret.isUsable()) {
      return new Checked.Bad("unusable");
    }
    uses.used(secret.profile().keyId());
    if (version != peppers.current()) {
      uses.rehash(
          secret.publicId(),
          version,
          HexFormat.of().formatHex(peppers.hash(peppers.current(), key.secret()).orElseThrow()));
    }
    return new Checked.Good(secret.profile());
  }

  private Checked counted(Checked checked) {
    switch (checked) {
      case Checked.Good good -> metrics.resolved();
      case Checked.Bad bad -> metrics.refused(bad.reason());
    }
    return checked;
  }
}
