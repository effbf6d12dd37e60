package io.naap.metering.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** The results of a batch of events, in the order they were sent. */
public record TakenEvents(List<Taken> events) {
  public TakenEvents {
    events = List.copyOf(events);
  }

  /**
   * The result of one event.
   *
   * @param eventId the id it is stored under
   * @param state the state it is stored in, or {@code repeated} (was stored before), {@code
   *     conflict} (the same id with another body) or {@code invalid}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Taken(String id, String source, String eventId, String state, String detail) {}
}
