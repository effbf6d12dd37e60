package io.naap.metering.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** What became of a batch of events, in its order. */
public record TakenEvents(List<Taken> events) {
  public TakenEvents {
    events = List.copyOf(events);
  }

  /**
   * What became of one event.
   *
   * @param eventId as it is stored
   * @param state as stored, or {@code repeated}, {@code conflict} (the same id with another body)
   *     or {@code invalid}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Taken(String id, String source, String eventId, String state, String detail) {}
}
