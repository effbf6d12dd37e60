package io.naap.auth.tenant;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Lists the API keys that a member created; keys-service stores them. */
public interface MemberKeys {
  /** The fields of a key that identify it to people. */
  record Key(
      String id, String name, String lastFour, Instant createdAt, Optional<Instant> lastUsedAt) {}

  /**
   * Lists keys with the caller's own permissions.
   *
   * @param authorization the caller's {@code Authorization} header
   * @return at most 100 keys, newest first; null when keys-service does not answer
   */
  List<Key> madeBy(String userId, String authorization);
}
