package io.naap.contracts.edge;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;

/**
 * A body that was read whole.
 *
 * @param bytes the first {@code length} of it are the body; nobody changes them
 * @param memory what it takes, until its reader gives it back
 */
@SuppressWarnings("ArrayRecordComponent") // carried from reader to resource, never compared
public record ReceivedBody(byte[] bytes, int length, BodyMemory.Share memory) {
  /** The same bytes, not a copy. */
  public Buffer buffer() {
    return BufferImpl.buffer(Unpooled.wrappedBuffer(bytes, 0, length));
  }
}
