package io.naap.router.proxy;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the end of a container's event stream, {@code data: [DONE]}, wherever its bytes are cut. A
 * gateway goes on after it and gives the job to the next orchestrator, so the router must stop it.
 */
final class DoneWatch {
  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

  /** A longer line is not the end. */
  private static final int MOST = 40;

  private final byte[] line = new byte[MOST];
  private int length;
  private boolean done;

  /**
   * Looks at the next bytes.
   *
   * @return how many of them belong to the stream: all, or those up to its end
   */
  int take(Buffer bytes) {
    for (int at = 0; at < bytes.length(); at++) {
      byte next = bytes.getByte(at);
      if (next != '\n' && next != '\r') {
        if (length < MOST) {
          line[length] = next;
        }
        length++;
      } else {
        done = length <= MOST && isEnd();
        length = 0;
        if (done) {
          return at + 1;
        }
      }
    }
    return bytes.length();
  }

  private boolean isEnd() {
    String text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
    String field = text.startsWith(BYTE_ORDER_MARK) ? text.substring(3) : text;
    return field.startsWith("data:") && field.substring(5).strip().equals("[DONE]");
  }

  boolean isDone() {
    return done;
  }
}
