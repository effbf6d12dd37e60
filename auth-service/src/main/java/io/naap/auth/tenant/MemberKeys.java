package io.naap.auth.tenant;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The API keys that a member made, which keys-service has. */
public interface MemberKeys {
  /** One of them, as much as recognises it. */
  record Key(
      String id, String name, String lastFour, Instant createdAt, Optional<Instant> lastUsedAt) {}

  /**
   * Asks in the caller's name.
   *
   * @param authorization the caller's {@code Authorization} header
   * @return at most 100, the newest first; null when keys-service does not answer
   */
  List<Key> madeBy(String userId, String authorization);
}
