package io.naap.router.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.workload.Workloads;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * Watches the events of a language model pass. Usage is cumulative in every chunk, so the last one
 * seen counts; without any, chunks are counted.
 */
public final class EventMeter {
  private static final int MAX_EVENT = 1 << 20;

  private final ObjectMapper json;
  private final boolean showUsage;
  private final Units estimate;
  private Buffer rest = Buffer.buffer();
  private Optional<Units> usage = Optional.empty();
  private long chunks;
  private boolean finished;

  public EventMeter(ObjectMapper json, boolean showUsage, Units estimate) {
    this.json = json;
    this.showUsage = showUsage;
    this.estimate = estimate;
  }

  /** Takes bytes from the gateway and gives the bytes for the client: whole events only. */
  public Buffer pass(Buffer bytes) {
    rest.appendBuffer(bytes);
    Buffer out = Buffer.buffer();
    int from = 0;
    for (int at = 1; at < rest.length(); at++) {
      if (rest.getByte(at) == '\n' && rest.getByte(at - 1) == '\n') {
        out.appendBuffer(event(rest.getString(from, at + 1)));
        from = at + 1;
      }
    }
    if (from > 0) {
      rest = rest.getBuffer(from, rest.length());
    }
    if (rest.length() > MAX_EVENT) {
      throw new IllegalStateException("an event of more than " + MAX_EVENT + " bytes");
    }
    return out;
  }

  private Buffer event(String event) {
    String text = event.strip();
    if (!text.startsWith("data:")) {
      return Buffer.buffer(event);
    }
    String data = text.substring(5).strip();
    if (data.equals("[DONE]")) {
      // The end is ours to say, after the usage is recorded.
      finished = true;
      return Buffer.buffer();
    }
    try {
      JsonNode chunk = json.readTree(data);
      Workloads.usage(chunk.path("usage")).ifPresent(seen -> usage = Optional.of(seen));
      JsonNode choice = chunk.path("choices").path(0);
      if (!choice.path("delta").path("content").asText("").isEmpty()) {
        chunks++;
      }
      if (!choice.path("finish_reason").asText("").isEmpty()
          && !choice.path("finish_reason").isNull()) {
        finished = true;
      }
      if (!showUsage && chunk instanceof ObjectNode object && object.has("usage")) {
        object.remove("usage");
        return Buffer.buffer("data: " + object + "\n\n");
      }
    } catch (JsonProcessingException unreadable) {
      return Buffer.buffer(event);
    }
    return Buffer.buffer(event);
  }

  /** True when the model said it has finished. */
  public boolean isFinished() {
    return finished;
  }

  /** True when nothing the client could use has passed. */
  public boolean isEmpty() {
    return chunks == 0 && usage.isEmpty();
  }

  public Units units() {
    return usage.orElseGet(() -> Workloads.tokens(estimate.get(Unit.TOKENS_IN), chunks));
  }
}
