package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.vertx.core.MultiMap;
import java.util.List;

/** An offer of video, or to watch it, and its answer: SDP both ways (WHIP, RFC 9725, and WHEP). */
final class Negotiation {
  private static final List<String> PASSED = List.of("ETag", "Content-Type");

  private Negotiation() {}

  /** Headers for the client. Of links only the servers that its browser is to ask are passed on. */
  static void head(GatewayCalls.Answer answer, MultiMap headers) {
    for (String name : PASSED) {
      if (answer.headers().contains(name)) {
        headers.set(name, answer.headers().get(name));
      }
    }
    for (String link : answer.headers().getAll("Link")) {
      if (link.contains("rel=\"ice-server\"") || link.contains("rel=ice-server")) {
        headers.add("Link", link);
      }
    }
  }

  /** What an answer that is not good means, in our words. */
  static Refusal refused(GatewayCalls.Answer answer) {
    return switch (answer.status()) {
      case 400, 406, 415, 422 ->
          Refusal.of(
              400, "gateway_refused", "The gateway refused the offer: it cannot read its SDP.");
      case 404 -> Refusal.notFound("running stream");
      default -> Refusal.of(502, "gateway_failed", "The gateway refused; try again.");
    };
  }
}
