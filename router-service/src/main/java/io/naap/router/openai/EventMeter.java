package io.naap.router.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.router.workload.TokenCount;
import io.vertx.core.buffer.Buffer;
import java.util.regex.Pattern;

/**
 * Watches the events of a language model pass, and counts their tokens. A client gets only what was
 * read and counted here: a chunk is written anew, and an event that is not a chunk (a comment, or
 * an error of the gateway) is not passed on in the gateway's words. On OpenAI's paths chunks have
 * OpenAI's shape, and the usage comes once, in a chunk of its own before {@code [DONE]}, for a
 * client that asked for it.
 *
 * <p>An error, before or after the model's last word, ends the stream: see {@link #hasFailed}.
 */
public final class EventMeter {
  private static final int MAX_EVENT = 1 << 20;
  private static final Pattern LINE_END = Pattern.compile("\\r?\\n");
  private static final String BYTE_ORDER_MARK = "\ufeff";
  private static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n\n");

  private final ObjectMapper json;
  private final boolean openAi;
  private final boolean showUsage;
  private final TokenCount tokens;
  private Buffer rest = Buffer.buffer();
  private int looked;
  private ObjectNode lastChunk;
  private boolean hasChoice;
  private boolean finished;
  private boolean saidDone;
  private boolean failed;

  /**
   * @param openAi whether events have OpenAI's shape
   * @param showUsage whether the client gets the usage
   * @param estimate the most that the job may come to; no count goes far beyond it
   */
  public EventMeter(ObjectMapper json, boolean openAi, boolean showUsage, Units estimate) {
    this.json = json;
    this.openAi = openAi;
    this.showUsage = showUsage;
    this.tokens = new TokenCount(estimate);
  }

  /**
   * Takes bytes of the gateway, and returns the bytes for the client: whole events only.
   *
   * @throws IllegalStateException when an event does not end
   */
  public Buffer pass(Buffer bytes) {
    rest.appendBuffer(bytes);
    Buffer out = Buffer.buffer();
    int from = 0;
    for (int at = Math.max(1, looked); at < rest.length() && !failed; at++) {
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

  /** An event ends with an empty line, with either kind of line end. */
  private boolean endsLine(int at) {
    byte before = rest.getByte(at);
    return before == '\n' || (before == '\r' && at > 0 && rest.getByte(at - 1) == '\n');
  }

  /** One event: its name, empty for a message, and its data. */
  private record Event(String name, String data) {
    static Event read(String event) {
      String text = event.strip();
      if (text.startsWith("data:") && text.indexOf('\n') < 0) {
        return new Event("", text.substring(5).strip());
      }
      String name = "";
      String data = "";
      for (String line : LINE_END.split(text, -1)) {
        int at = line.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
        if (line.startsWith("data:", at)) {
          String more = line.substring(at + 5);
          data = data.isEmpty() ? more : data + "\n" + more;
        } else if (line.startsWith("event:", at)) {
          name = line.substring(at + 6).strip();
        }
      }
      return new Event(name, data.strip());
    }
  }

  private Buffer event(String text) {
    Event event = Event.read(text);
    if (event.name().equalsIgnoreCase("error")) {
      failed = true;
      return Buffer.buffer();
    }
    if (event.data().isEmpty()) {
      return text.isBlank() ? Buffer.buffer() : KEEP_ALIVE;
    }
    if (event.data().equals("[DONE]")) {
      // The router ends the stream itself, after the usage is recorded.
      finished = true;
      saidDone = true;
      failed = !hasChoice;
      return Buffer.buffer();
    }
    return message(event.data());
  }

  private Buffer message(String data) {
    try {
      return json.readTree(data) instanceof ObjectNode chunk ? chunk(chunk) : Buffer.buffer();
    } catch (JsonProcessingException unreadable) {
      return Buffer.buffer();
    }
  }

  private Buffer chunk(ObjectNode chunk) {
    JsonNode choices = chunk.path("choices");
    if (isError(chunk)) {
      failed = true;
      return Buffer.buffer();
    }
    if (saidDone) {
      return Buffer.buffer();
    }
    tokens.usage(chunk.path("usage"));
    boolean isChoice = choices.isArray() && !choices.isEmpty();
    if (isChoice) {
      hasChoice = true;
      for (JsonNode choice : choices) {
        tokens.says(choice.path("delta"));
        finished |= !choice.path("finish_reason").asText("").isEmpty();
      }
    }
    if (!openAi) {
      return isChoice || chunk.path("usage").isObject() ? written(chunk) : Buffer.buffer();
    }
    chunk.remove("usage");
    lastChunk = chunk;
    if (!isChoice) {
      // The router asked for this usage; the client gets it at the end.
      return Buffer.buffer();
    }
    if (!chunk.has("object")) {
      chunk.put("object", "chat.completion.chunk");
    }
    for (JsonNode choice : choices) {
      if (choice instanceof ObjectNode shown
          && choice.path("finish_reason").asText("x").isEmpty()) {
        shown.putNull("finish_reason");
      }
    }
    return written(chunk);
  }

  /** Errors as go-livepeer's runners and the servers behind them write them. */
  private static boolean isError(ObjectNode chunk) {
    if (says(chunk.path("error")) || chunk.path("object").asText("").equals("error")) {
      return true;
    }
    for (JsonNode choice : chunk.path("choices")) {
      if (says(choice.path("error")) || choice.path("finish_reason").asText("").equals("error")) {
        return true;
      }
    }
    return false;
  }

  /** An empty text, false and null are no error. */
  private static boolean says(JsonNode error) {
    return !error.isMissingNode()
        && !error.isNull()
        && !(error.isBoolean() && !error.asBoolean())
        && !(error.isTextual() && error.asText().isBlank());
  }

  private static Buffer written(ObjectNode chunk) {
    return Buffer.buffer("data: " + chunk + "\n\n");
  }

  /** What a client gets after the last event of a stream that ended well. */
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
      end.appendBuffer(written(lastChunk));
    }
    return end.appendString("data: [DONE]\n\n");
  }

  /** True when the model has finished and nothing went wrong. */
  public boolean isFinished() {
    return finished && !failed;
  }

  /** True when the gateway sent an error, or ended without an answer. */
  public boolean hasFailed() {
    return failed;
  }

  /** The units so far; none when the client could not use anything. */
  public Units units() {
    return tokens.hasText() || isFinished() ? tokens.units() : Units.NONE;
  }

  public TokenCount tokens() {
    return tokens;
  }
}
