package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.json.JsonScan;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/**
 * A gateway's answer that must be whole before it is passed on. Each may be so large, and all of
 * them together, those of one tenant in particular, may take so much memory.
 */
final class WholeAnswer {
  /** The bytes, their array while it grows, and their texts once more when they are parsed. */
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

  /** What became of a piece. */
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

  /** What it says; null when it is no JSON, or one that there is no memory for. */
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

  /** It is over; may be done twice. */
  void release() {
    memory.release();
  }
}
