package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;

/** The body that is sent to a gateway. */
public sealed interface Body {
  /** A whole body in memory. */
  record Whole(Buffer bytes) implements Body {}

  /**
   * A beginning, and then what the client still sends.
   *
   * @param length of the whole body, or -1 when unknown
   * @param ended true when the client has sent all
   * @param limit the most bytes that the client may send
   * @param check looks at what the client still sends
   */
  record Streamed(Buffer head, long length, boolean ended, long limit, BodyCheck check)
      implements Body {
    Streamed(Buffer head, long length, boolean ended, long limit) {
      this(head, length, ended, limit, BodyCheck.NONE);
    }
  }
}
