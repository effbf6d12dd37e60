package io.naap.keys.apikey;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.keys.KeyLimits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key as its tenant sees it.
 *
 * @param key the whole key: only in the answer that made it
 * @param lastFour the end of the secret, to recognise a key by
 * @param status {@code active}, {@code disabled} or {@code expired}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyView(
    String id,
    String key,
    String name,
    String mode,
    String lastFour,
    String status,
    List<String> tags,
    Optional<String> tier,
    Scopes scopes,
    List<String> allowedCidrs,
    Optional<Instant> expiresAt,
    KeyLimits limits,
    long revision,
    Instant createdAt) {
  /** The same key with its secret shown. */
  KeyView withKey(String shown) {
    return new KeyView(
        id,
        shown,
        name,
        mode,
        lastFour,
        status,
        tags,
        tier,
        scopes,
        allowedCidrs,
        expiresAt,
        limits,
        revision,
        createdAt);
  }

  @Override
  public String toString() {
    return "KeyView[" + id + "]";
  }
}
