package io.naap.auth.tenant;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A stand-in for keys-service in which every member created one key. */
@ApplicationScoped
public class FakeMemberKeys implements MemberKeys {
  @Override
  public List<Key> madeBy(String userId, String authorization) {
    return List.of(
        new Key(
            "key_of_" + userId,
            "made by " + userId,
            "abcd",
            Instant.parse("2026-01-01T00:00:00Z"),
            Optional.empty()));
  }
}
