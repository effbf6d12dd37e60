package io.naap.router.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.workload.Workloads;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Watches the events of a language model pass. Usage is cumulative in every chunk, so the last one
 * seen counts; without any, chunks are counted. On OpenAI's routes events take its shapes: usage is
 * told once, in a chunk of its own before {@code [DONE]}, and only to a client that asked for it.
 */
public final class EventMeter {
  private static final int MAX_EVENT = 1 << 20;
  private static final Pattern LINE_END = Pattern.compile("\\r?\\n");
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final ObjectMapper json;
  private final boolean openAi;
  private final boolean showUsage;
  private final Units estimate;
  private Buffer rest = Buffer.buffer();
  private int looked;
  private Optional<Units> usage = Optional.empty();
  private ObjectNode lastChunk;
  private long chunks;
  private boolean finished;
  private boolean saidDone;

  /**
   * @param openAi whether events take OpenAI's shapes
   * @param showUsage whether its client asked for the usage
   * @param estimate what the job was held for: no gateway's count goes far beyond it
   */
  public EventMeter(ObjectMapper json, boolean openAi, boolean showUsage, Units estimate) {
    this.json = json;
    this.openAi = openAi;
    this.showUsage = showUsage;
    this.estimate = estimate;
  }

  /**
   * Takes bytes from the gateway and gives the bytes for the client: whole events only.
   *
   * @throws IllegalStateException when an event does not end
   */
  public Buffer pass(Buffer bytes) {
    rest.appendBuffer(bytes);
    Buffer out = Buffer.buffer();
    int from = 0;
    for (int at = Math.max(1, looked); at < rest.length(); at++) {
      if (rest.getByte(at) == '\n' && endsLine(at - 1)) {
        out.appendBuffer(event(rest.getString(from, at + 1)));
        from = at + 1;
        at = from;
      }
    }
    if (from > 0) {
      rest = rest.getBuffer(from, rest.length());
    }
    looked = rest.length();
    if (rest.length() > MAX_EVENT) {
      throw new IllegalStateException("an event of more than " + MAX_EVENT + " bytes");
    }
    return out;
  }

  /** An event ends with an empty line, of whichever kind. */
  private boolean endsLine(int at) {
    byte before = rest.getByte(at);
    return before == '\n' || (before == '\r' && at > 0 && rest.getByte(at - 1) == '\n');
  }

  private Buffer event(String event) {
    String data = data(event);
    if (data.isEmpty()) {
      return Buffer.buffer(event);
    }
    if (data.equals("[DONE]")) {
      // The end is ours to say, after the usage is recorded.
      finished = true;
      saidDone = true;
      return Buffer.buffer();
    }
    try {
      if (!(json.readTree(data) instanceof ObjectNode chunk)) {
        return Buffer.buffer(event);
      }
      return chunk(event, chunk);
    } catch (JsonProcessingException unreadable) {
      return Buffer.buffer(event);
    }
  }

  /** What an event says, without comments and other fields. */
  private static String data(String event) {
    String text = event.strip();
    if (text.startsWith("data:") && text.indexOf('\n') < 0) {
      return text.substring(5).strip();
    }
    String data = "";
    for (String line : LINE_END.split(text, -1)) {
      int at = line.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
      if (line.startsWith("data:", at)) {
        String more = line.substring(at + 5);
        data = data.isEmpty() ? more : data + "\n" + more;
      }
    }
    return data.strip();
  }

  /** A model says something in each of these; its role alone is nothing. */
  private static boolean says(JsonNode delta) {
    for (Map.Entry<String, JsonNode> field : delta.properties()) {
      JsonNode said = field.getValue();
      if (!field.getKey().equals("role")
          && !said.isNull()
          && !(said.isTextual() && said.asText().isEmpty())
          && !(said.isContainerNode() && said.isEmpty())) {
        return true;
      }
    }
    return false;
  }

  private Buffer chunk(String event, ObjectNode chunk) {
    Workloads.usage(chunk.path("usage"), estimate).ifPresent(seen -> usage = Optional.of(seen));
    JsonNode choice = chunk.path("choices").path(0);
    if (says(choice.path("delta"))) {
      chunks++;
    }
    JsonNode reason = choice.path("finish_reason");
    if (!reason.isNull() && !reason.asText("").isEmpty()) {
      finished = true;
    }
    if (!openAi) {
      return Buffer.buffer(event);
    }
    chunk.remove("usage");
    lastChunk = chunk;
    if (choice.isMissingNode()) {
      // The usage that was asked for on the client's behalf; it is told at the end.
      return Buffer.buffer();
    }
    if (!chunk.has("object")) {
      chunk.put("object", "chat.completion.chunk");
    }
    if (choice instanceof ObjectNode shown && reason.isTextual() && reason.asText().isEmpty()) {
      shown.putNull("finish_reason");
    }
    return Buffer.buffer("data: " + chunk + "\n\n");
  }

  /** What follows the last event of a stream that ended well. */
  public Buffer end() {
    if (!openAi) {
      return saidDone ? Buffer.buffer("data: [DONE]\n\n") : Buffer.buffer();
    }
    Buffer end = Buffer.buffer();
    if (showUsage && lastChunk != null) {
      lastChunk.putArray("choices");
      lastChunk.put("object", "chat.completion.chunk");
      long in = units().get(Unit.TOKENS_IN);
      long out = units().get(Unit.TOKENS_OUT);
      lastChunk
          .putObject("usage")
          .put("prompt_tokens", in)
          .put("completion_tokens", out)
          .put("total_tokens", in + out);
      end.appendString("data: " + lastChunk + "\n\n");
    }
    return end.appendString("data: [DONE]\n\n");
  }

  /** True when the model said it has finished. */
  public boolean isFinished() {
    return finished;
  }

  /** What passed until now; nothing when the client could not use any of it. */
  public Units units() {
    if (usage.isPresent()) {
      return usage.get();
    }
    return chunks == 0 && !finished
        ? Units.NONE
        : Workloads.tokens(estimate.get(Unit.TOKENS_IN), chunks);
  }
}
