package io.naap.keys.apikey;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key as its tenant sees it.
 *
 * @param key the whole key; only in the response that created or rotated it
 * @param mode {@code live} or {@code test}
 * @param lastFour the last four characters of the newest secret, to recognise the key by
 * @param status {@code active}, {@code disabled} or {@code expired}
 * @param secrets the valid secrets; absent in lists
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyView(
    String id,
    String key,
    String mode,
    String lastFour,
    String status,
    @JsonUnwrapped KeySettings settings,
    @JsonUnwrapped History history,
    List<Live> secrets) {

  /**
   * What has happened to a key.
   *
   * @param revision grows with every change
   * @param createdBy the user or service account that created it
   * @param lastUsedAt up to a few seconds old, because uses are stored in batches; absent when
   *     never used
   */
  public record History(
      long revision, Instant createdAt, String createdBy, Optional<Instant> lastUsedAt) {}

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
    return new KeyView(id, shown, mode, lastFour, status, settings, history, secrets);
  }

  KeyView withSecrets(List<Live> live) {
    return new KeyView(id, key, mode, lastFour, status, settings, history, List.copyOf(live));
  }

  @Override
  public String toString() {
    return "KeyView[" + id + "]";
  }
}
