package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.json.JsonScan;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/**
 * A gateway's answer that is read whole before it is passed on. Its size is limited, and so is the
 * memory that all such answers, and those of one tenant, take together.
 */
final class WholeAnswer {
  /**
   * An answer takes its bytes, twice that while their array grows, and its texts once more when it
   * is parsed.
   */
  private static final int COPIES = 4;

  private static final int BYTES_PER_VALUE = 100;
  private static final JsonLimits LIMITS = new JsonLimits(64, 500_000, 65_536, 100, 64 << 20);

  private final BodyMemory.Share memory;
  private final long most;
  private final ObjectMapper json;
  private final Buffer bytes = Buffer.buffer();

  WholeAnswer(BodyMemory.Share memory, long most, ObjectMapper json) {
    this.memory = memory;
    this.most = most;
    this.json = json;
  }

  /** What happened to a piece of the answer. */
  enum Taken {
    FINE,
    TOO_LARGE,
    NO_MEMORY
  }

  Taken add(Buffer piece) {
    if (bytes.length() + piece.length() > most) {
      return Taken.TOO_LARGE;
    }
    if (memory.grow((long) COPIES * piece.length()).isPresent()) {
      return Taken.NO_MEMORY;
    }
    bytes.appendBuffer(piece);
    return Taken.FINE;
  }

  Buffer bytes() {
    return bytes;
  }

  /** The parsed answer; null when it is not JSON, or when there is no memory for it. */
  JsonNode parsed() {
    byte[] text = bytes.getBytes();
    if (text.length == 0
        || !(JsonScan.scan(text, text.length, LIMITS) instanceof JsonScan.Result.Fine fine)
        || memory.grow((long) fine.values() * BYTES_PER_VALUE).isPresent()) {
      return null;
    }
    try {
      return json.readTree(text);
    } catch (IOException unreadable) {
      return null;
    }
  }

  /** Gives the memory back; may be called twice. */
  void release() {
    memory.release();
  }
}
