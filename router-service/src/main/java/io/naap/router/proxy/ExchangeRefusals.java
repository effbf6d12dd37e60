package io.naap.router.proxy;

import io.naap.contracts.problem.Refusal;
import io.naap.router.proxy.ExchangeState.Interruption;
import java.util.Optional;

/** What a client is told when a job was forwarded, or could not be, and there is no answer. */
final class ExchangeRefusals {
  static final Refusal TOO_BUSY =
      unavailable("too_busy", "The platform is too busy right now; try again.");
  static final Refusal MANY_ANSWERS =
      unavailable("too_busy", "Too many large answers are on their way; try again.");
  static final Refusal UNREACHABLE =
      unavailable("gateway_unreachable", "No gateway could be reached; try again.");
  static final Refusal STOPPING =
      unavailable("router_stopping", "This router is stopping; try again.");
  static final Refusal CLIENT_TIMEOUT =
      Refusal.of(408, "client_timeout", "The body did not come in time; send it again.");
  static final Refusal GATEWAY_TIMEOUT =
      Refusal.of(504, "gateway_timeout", "The gateway took too long; try again.");
  static final Refusal ANSWER_TOO_LARGE =
      Refusal.of(502, "gateway_failed", "The gateway's answer is too large.");

  private ExchangeRefusals() {}

  /** A 503 that the client may follow up after a second. */
  private static Refusal unavailable(String code, String detail) {
    return new Refusal(503, code, detail, null, Optional.of(1L));
  }

  static Refusal bodyTooLarge(long mostBytes) {
    return Refusal.of(
        413, "body_too_large", "The body of this path may have at most " + mostBytes + " bytes.");
  }

  static Refusal billedButTooLarge(long mostBytes) {
    return Refusal.of(
        502,
        "answer_too_large",
        "The answer of this job is larger than "
            + mostBytes
            + " bytes: send a smaller picture. The job was made and is billed.");
  }

  static Refusal unusable(boolean readsPicture) {
    return Refusal.of(
        502,
        "gateway_failed",
        readsPicture
            ? "The gateway gave no usable answer; try again, or send the picture as PNG or JPEG."
            : "The gateway gave no usable answer; try again.");
  }

  /** The last event of a stream that breaks off. */
  static Refusal broken(Interruption why, boolean isBilled) {
    if (why == Interruption.ROUTER_STOPPING) {
      return Refusal.of(
          503, "router_stopping", "This router is stopping; what was delivered is billed.");
    }
    return Refusal.of(
        502,
        "stream_broken",
        isBilled
            ? "The stream broke; what was delivered is billed."
            : "The gateway could not do the job; nothing is billed, try again.");
  }
}
