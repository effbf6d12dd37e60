package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import java.time.Instant;

/**
 * Why and when a stream ended.
 *
 * @param status 200 when its client ended it, else a problem's status
 * @param code a problem's code, such as {@code balance_too_low} or {@code limit_reached}; {@code
 *     stopped} or {@code ingest_ended} when nothing was wrong
 * @param detail what the customer can change
 */
public record Ending(Instant at, int status, String code, String detail) {
  static Ending stopped(Instant at) {
    return new Ending(at, 200, "stopped", "The stream was stopped by its owner.");
  }

  static Ending silent(Instant at) {
    return new Ending(at, 200, "ingest_ended", "The gateway does not have the stream any more.");
  }

  static Ending cut(Instant at, Refusal why) {
    return new Ending(at, why.status(), why.code(), why.detail());
  }

  boolean isRefusal() {
    return status != 200;
  }
}
