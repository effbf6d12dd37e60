package io.naap.metering.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
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
   * A message to a webhook and its delivery state. In JSON the fields of all parts form one flat
   * object.
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
      @JsonUnwrapped LastAttempt last,
      @JsonUnwrapped Times times) {}

  /** The outcome of the last attempt: a status, or an error when there was no answer. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record LastAttempt(Integer lastStatus, String lastError) {}

  /** When a message was made, is sent next, and was delivered. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Times(Instant createdAt, Instant nextAt, Instant deliveredAt) {}
}
