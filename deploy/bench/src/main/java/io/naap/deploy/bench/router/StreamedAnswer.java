package io.naap.deploy.bench.router;

import java.util.Locale;

/**
 * Takes the bytes of one answer of HTTP/1.1 as they come and gives its body: a peer may cut what it
 * passes on into chunks of its own, in the middle of a number.
 */
final class StreamedAnswer {
  private enum Expects {
    HEAD,
    SIZE,
    DATA,
    LINE_END,
    ALL
  }

  private final StringBuilder line = new StringBuilder();
  private Expects expects = Expects.HEAD;
  private boolean chunked;
  private int left;

  /** Appends what these bytes have of the body. */
  void take(byte[] bytes, int length, StringBuilder body) {
    for (int at = 0; at < length; at++) {
      char next = (char) (bytes[at] & 0xff);
      switch (expects) {
        case HEAD -> {
          if (next == '\n') {
            endOfHeadLine();
          } else if (next != '\r') {
            line.append(next);
          }
        }
        case SIZE -> {
          if (next == '\n') {
            left = Integer.parseInt(line.toString().strip(), 16);
            line.setLength(0);
            // After the last chunk comes an empty line, like after any other.
            expects = left == 0 ? Expects.LINE_END : Expects.DATA;
          } else {
            line.append(next);
          }
        }
        case DATA -> {
          body.append(next);
          if (--left == 0) {
            expects = Expects.LINE_END;
          }
        }
        case LINE_END -> {
          if (next == '\n') {
            expects = Expects.SIZE;
          }
        }
        case ALL -> body.append(next);
      }
    }
  }

  private void endOfHeadLine() {
    if (line.isEmpty()) {
      expects = chunked ? Expects.SIZE : Expects.ALL;
    } else {
      String header = line.toString().toLowerCase(Locale.ROOT);
      chunked |= header.startsWith("transfer-encoding:") && header.endsWith("chunked");
      line.setLength(0);
    }
  }
}
