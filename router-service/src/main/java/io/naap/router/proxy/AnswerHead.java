package io.naap.router.proxy;

import io.naap.contracts.edge.Edge;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.router.routing.Route;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** Writes the headers of answers. */
final class AnswerHead {
  static final CharSequence CONTENT_TYPE = HttpHeaders.CONTENT_TYPE;
  static final CharSequence REQUEST_ID = HttpHeaders.createOptimized(Edge.REQUEST_ID_HEADER);
  private static final String EVENTS = "text/event-stream";
  private static final CharSequence ROUTE = HttpHeaders.createOptimized("x-naap-route");
  private static final CharSequence UNITS = HttpHeaders.createOptimized("x-naap-units");
  private static final CharSequence COST = HttpHeaders.createOptimized("x-naap-cost");
  private static final CharSequence TIMING = HttpHeaders.createOptimized("Server-Timing");

  /** What a gateway's answer may tell the client; the rest stays inside. */
  private static final List<CharSequence> PASSED =
      List.of(
          CONTENT_TYPE,
          HttpHeaders.createOptimized("Content-Disposition"),
          HttpHeaders.ETAG,
          HttpHeaders.LAST_MODIFIED);

  private AnswerHead() {}

  static boolean isEvents(String type) {
    return type != null && type.regionMatches(true, 0, EVENTS, 0, EVENTS.length());
  }

  static void copy(HttpClientResponse from, HttpServerResponse to) {
    for (CharSequence name : PASSED) {
      String value = from.headers().get(name);
      if (value != null) {
        to.putHeader(name, value);
      }
    }
  }

  static void route(HttpServerResponse to, Route route) {
    to.putHeader(ROUTE, route.toString());
  }

  static void timing(HttpServerResponse to, long routerMillis, long upstreamMillis) {
    to.putHeader(TIMING, "router;dur=" + routerMillis + ", upstream;dur=" + upstreamMillis);
  }

  static void bill(HttpServerResponse to, Units units, NanoUsd cost) {
    to.putHeader(UNITS, units.toString());
    to.putHeader(COST, cost + " USD");
  }
}
