package io.naap.router.live;

import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Responses;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Answers WHIP (RFC 9725) and WHEP requests: an offer of video, or to watch it, with SDP both ways.
 */
final class Negotiation {
  private static final List<String> PASSED = List.of("ETag", "Content-Type");

  private Negotiation() {}

  /** Answers with what the gateway answered; the resource that it made is at {@code location}. */
  static void answer(RoutingContext context, GatewayCalls.Answer answer, String location) {
    if (!answer.isGood()) {
      Responses.refuse(context, refused(answer), false);
      return;
    }
    MultiMap headers = context.response().headers();
    head(answer, headers);
    headers.set("Location", location);
    context.response().setStatusCode(answer.status()).end(answer.body());
  }

  /** Headers for the client. Of links only those to ICE servers are passed on. */
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

  /** What the client is told; the words of the gateway stay inside. */
  private static Refusal refused(GatewayCalls.Answer answer) {
    return switch (answer.status()) {
      case 400, 406, 415, 422 ->
          Refusal.of(
              400, "gateway_refused", "The gateway refused the offer: it cannot read its SDP.");
      case 404 -> Refusal.notFound("running stream");
      default -> Refusal.of(502, "gateway_failed", "The gateway refused; try again.");
    };
  }
}
