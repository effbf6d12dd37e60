package io.naap.metering.deadletter;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.Optional;

/**
 * A Redis stream entry, or one event of it, that could not be stored. In JSON the fields of all
 * parts form one flat object.
 *
 * @param payload the text as it arrived
 */
public record DeadLetter(
    String stream,
    String entryId,
    String payload,
    String reason,
    Instant arrivedAt,
    @JsonUnwrapped Resolution resolved) {
  /**
   * How an operator resolved it. All parts are absent while the dead letter is open.
   *
   * @param resolution {@code replayed} or {@code dismissed}
   * @param note the id of the event it was stored as, or the reason it was dismissed
   */
  public record Resolution(
      Optional<String> resolution,
      Optional<Instant> resolvedAt,
      Optional<String> resolvedBy,
      Optional<String> note) {}
}
