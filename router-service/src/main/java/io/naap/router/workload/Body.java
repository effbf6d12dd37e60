package io.naap.router.workload;

import io.vertx.core.buffer.Buffer;

/** What is sent to the gateway. */
public sealed interface Body {
  /** All of it, in memory. */
  record Whole(Buffer bytes) implements Body {}

  /**
   * A beginning, and then what the client still sends, untouched.
   *
   * @param length of all of it, or -1 when not known
   * @param ended the client has nothing more to send
   * @param check of what the client still sends
   */
  record Streamed(Buffer head, long length, boolean ended, long limit, BodyCheck check)
      implements Body {
    Streamed(Buffer head, long length, boolean ended, long limit) {
      this(head, length, ended, limit, BodyCheck.NONE);
    }
  }
}
