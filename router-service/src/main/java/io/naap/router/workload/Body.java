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
   * @param watch sees what comes after the head, before it is passed on
   */
  record Streamed(Buffer head, long length, boolean ended, long limit, Watch watch)
      implements Body {
    Streamed(Buffer head, long length, boolean ended, long limit) {
      this(head, length, ended, limit, bytes -> {});
    }
  }

  /** Measures a body as it passes. */
  interface Watch {
    /** May refuse the job by what it sees. */
    void pass(Buffer bytes);
  }
}
