package io.naap.keys.pepper;

import io.naap.contracts.secret.Secret;
import io.naap.keys.config.KeysConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Hashes secrets with versioned peppers: HMAC-SHA-256 over the secret's ASCII text. */
@ApplicationScoped
public class Peppers {
  private static final int MIN_BYTES = 32;

  private final int current;
  private final Map<Integer, SecretKeySpec> byVersion = new HashMap<>();

  public Peppers(KeysConfig config) {
    this.current = config.pepperVersion();
    config.oldPeppers().forEach((version, pepper) -> byVersion.put(version, key(pepper)));
    byVersion.put(current, key(config.pepper()));
  }

  /** The version of the pepper for new secrets. */
  public int current() {
    return current;
  }

  /**
   * Hashes a secret with the pepper of a version; empty when that pepper is not configured any
   * more.
   */
  public Optional<byte[]> hash(int version, String secret) {
    return Optional.ofNullable(byVersion.get(version)).map(key -> hmac(key, secret));
  }

  /** The versions of all configured peppers. */
  public Set<Integer> versions() {
    return Set.copyOf(byVersion.keySet());
  }

  private static SecretKeySpec key(Secret pepper) {
    byte[] bytes = decode(pepper);
    if (bytes.length < MIN_BYTES) {
      throw new IllegalStateException(
          "naap.keys.pepper must be at least 32 random bytes in base 64");
    }
    return new SecretKeySpec(bytes, "HmacSHA256");
  }

  private static byte[] decode(Secret pepper) {
    try {
      return Base64.getDecoder().decode(pepper.reveal().strip());
    } catch (IllegalArgumentException notBase64) {
      // The exception is dropped, because its message could contain the secret.
      throw new IllegalStateException("naap.keys.pepper is not base 64");
    }
  }

  private static byte[] hmac(SecretKeySpec key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
