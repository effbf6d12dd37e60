package io.naap.router.usage;

import io.naap.contracts.events.UsageEntry;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Events that wait to be sent to one stream, as the JSON arrays they are sent in. They are bytes
 * and not objects, because thousands wait at a time and the garbage collector would copy each.
 * Guarded by its owner.
 */
final class StreamBatch {
  private static final int USUAL_BYTES = 64 * 1024;

  private List<Buffer> full = new ArrayList<>();
  private Buffer open;
  private int inOpen;
  private int size;

  void add(byte[] json, int from, int length) {
    if (open == null) {
      open = Buffer.buffer(USUAL_BYTES);
    }
    open.appendByte((byte) (inOpen == 0 ? '[' : ','));
    open.appendBytes(json, from, length);
    size++;
    if (++inOpen == UsageEntry.MOST) {
      close();
    }
  }

  private void close() {
    full.add(open.appendByte((byte) ']'));
    open = null;
    inOpen = 0;
  }

  /** How many events wait. */
  int size() {
    return size;
  }

  /** All that waits, in order; nothing waits afterwards. */
  List<Buffer> take() {
    if (inOpen > 0) {
      close();
    }
    List<Buffer> all = full;
    clear();
    return all;
  }

  void clear() {
    full = new ArrayList<>();
    open = null;
    inOpen = 0;
    size = 0;
  }
}
