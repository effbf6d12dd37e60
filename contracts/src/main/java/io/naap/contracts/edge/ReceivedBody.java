package io.naap.contracts.edge;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;

/**
 * A body that was read to its end.
 *
 * @param bytes the first {@code length} of them are the body; nobody changes them
 * @param memory the memory counted for the body; whoever reads the body releases it
 */
@SuppressWarnings("ArrayRecordComponent") // carried from reader to resource, never compared
public record ReceivedBody(byte[] bytes, int length, BodyMemory.Share memory) {
  /** The body as a buffer on the same bytes, not a copy. */
  public Buffer buffer() {
    return BufferImpl.buffer(Unpooled.wrappedBuffer(bytes, 0, length));
  }
}
