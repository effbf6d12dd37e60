package io.naap.keys.apikey;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.keys.KeyLimits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key as its tenant sees it.
 *
 * @param key the whole key; only in the response that created or rotated it
 * @param lastFour the last four characters of the newest secret, to recognise the key by
 * @param status {@code active}, {@code disabled} or {@code expired}
 * @param createdBy the user or service account that created it
 * @param lastUsedAt up to a few seconds old, because uses are stored in batches; absent when never
 *     used
 * @param secrets the valid secrets; absent in lists
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
    List<String> allowedOrigins,
    Optional<Instant> expiresAt,
    KeyLimits limits,
    long revision,
    Instant createdAt,
    String createdBy,
    Optional<Instant> lastUsedAt,
    List<Live> secrets) {

  /**
   * A valid secret of a key.
   *
   * @param publicId the 12 characters after the mode; logs name a key by it
   * @param expiresAt when a rotation ends it; absent when it lasts as long as the key
   */
  public record Live(
      String publicId, String lastFour, Instant createdAt, Optional<Instant> expiresAt) {}

  /** Returns the same view with the whole key in it. */
  KeyView withKey(String shown) {
    return copy(shown, secrets);
  }

  KeyView withSecrets(List<Live> live) {
    return copy(key, List.copyOf(live));
  }

  private KeyView copy(String shown, List<Live> live) {
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
        allowedOrigins,
        expiresAt,
        limits,
        revision,
        createdAt,
        createdBy,
        lastUsedAt,
        live);
  }

  @Override
  public String toString() {
    return "KeyView[" + id + "]";
  }
}
