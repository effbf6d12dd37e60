package io.naap.auth.session;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;

/**
 * A session as its user sees it.
 *
 * @param kind {@code siwe} or {@code device}
 * @param current whether the request belongs to it
 */
public record SessionView(
    String id,
    String kind,
    String tenantId,
    String wallet,
    @JsonUnwrapped Client client,
    @JsonUnwrapped Times times,
    boolean current) {
  /** The client that signed in: its IP address and {@code User-Agent}. */
  public record Client(String address, String agent) {}

  /** When it was opened and last used, and when it ends. */
  public record Times(Instant createdAt, Instant lastUsedAt, Instant expiresAt) {}
}
