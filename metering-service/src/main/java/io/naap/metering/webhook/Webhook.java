package io.naap.metering.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * A tenant's webhook.
 *
 * @param secret the signing secret; present only when the webhook is made or its secret is rotated
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

  /** Leaves out the secret, so that it is not logged. */
  @Override
  public String toString() {
    return "Webhook[" + id + "]";
  }

  /**
   * A request for a new webhook.
   *
   * @param events the event types to send; all when absent or empty
   */
  public record Request(String url, List<String> events) {
    public Request {
      events = events == null ? List.of() : List.copyOf(events);
    }
  }

  /**
   * A message to a webhook and its delivery state.
   *
   * @param state {@code waiting}, {@code "delivered"} or {@code given_up}
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
