package io.naap.deploy.simulator;

import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/**
 * How a request is to go wrong, from its {@code x-sim-fault} header, else from what the control
 * endpoint set for all requests.
 *
 * <p>Spellings: {@code none}, {@code delay=<ms>}, {@code status=<code>}, {@code drop} (before the
 * first byte), {@code drop-after=<chunks>}, {@code empty}, {@code wrong-shape}, {@code no-usage},
 * {@code hang}, {@code slow=<ms between chunks>}.
 *
 * @param kind the word before the equals sign
 * @param value the number after it, else 0
 */
record Fault(Kind kind, int value) {
  static final String HEADER = "x-sim-fault";
  static final Fault NONE = new Fault(Kind.NONE, 0);

  enum Kind {
    NONE,
    DELAY,
    STATUS,
    DROP,
    DROP_AFTER,
    EMPTY,
    WRONG_SHAPE,
    NO_USAGE,
    HANG,
    SLOW
  }

  static Fault of(HttpServerRequest request, Fault otherwise) {
    String header = request.getHeader(HEADER);
    return header == null ? otherwise : parse(header);
  }

  /**
   * Reads a spelling.
   *
   * @throws IllegalArgumentException when there is no such fault
   */
  static Fault parse(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    int value = equals < 0 ? 0 : Integer.parseInt(text.substring(equals + 1));
    return new Fault(Kind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')), value);
  }

  boolean is(Kind other) {
    return kind == other;
  }
}
