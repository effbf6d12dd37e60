package io.naap.router.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;

/**
 * Passes bytes on with back-pressure, where they are looked at on their way. Bytes that nobody
 * looks at go by Vert.x's own {@link io.vertx.core.streams.Pipe}.
 */
public final class BodyRelay {
  private BodyRelay() {}

  /**
   * Writes the bytes, and reads no more of their source while the receiver is full.
   *
   * @return true when the receiver is full
   */
  public static boolean pass(Buffer bytes, ReadStream<Buffer> from, WriteStream<Buffer> to) {
    to.write(bytes);
    if (!to.writeQueueFull()) {
      return false;
    }
    from.pause();
    to.drainHandler(drained -> from.resume());
    return true;
  }
}
