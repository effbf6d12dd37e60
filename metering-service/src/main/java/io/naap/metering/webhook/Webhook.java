package io.naap.metering.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * A tenant's webhook.
 *
 * @param secret shown when it is made and when it is rotated, and never again
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Webhook(
    String id,
    String tenantId,
    String url,
    List<String> events,
    boolean enabled,
    Instant createdAt,
    String secret) {
  public Webhook {
    events = List.copyOf(events);
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "Webhook[" + id + "]";
  }

  /**
   * A wish.
   *
   * @param events every type when absent
   */
  public record Request(String url, List<String> events) {
    public Request {
      events = events == null ? List.of() : List.copyOf(events);
    }
  }

  /**
   * A message and what became of it.
   *
   * @param state waiting, given_up, or that it arrived: delivered
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Delivery(
      long id,
      String messageId,
      String type,
      String state,
      int attempts,
      Integer lastStatus,
      String lastError,
      Instant createdAt,
      Instant nextAt,
      Instant deliveredAt) {}
}
