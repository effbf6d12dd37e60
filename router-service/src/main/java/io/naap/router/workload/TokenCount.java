package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens of one answer of a language model: what its gateway counted, and what the text that was
 * delivered comes to. The gateway's counts are cumulative, so each of them only grows; a count of
 * zero is what a Go struct holds that nobody filled in, and with text delivered it means that the
 * gateway did not count. Then the text is counted: a token for three bytes, as in a request, and at
 * least one for each piece that the text came in.
 */
public final class TokenCount {
  static final int BYTES_PER_TOKEN = 3;

  /** What a model's own chat template may add to a prompt. */
  private static final int TEMPLATE_TOKENS = 1_000;

  /** No model puts more text into a token on average. */
  private static final int MOST_BYTES_PER_TOKEN = 16;

  /** Answers that differ by no more than this much are too short to be judged. */
  private static final int SHORT_BYTES = 64;

  private static final int SHORT_PIECES = 8;
  private static final int SHORT_TOKENS = 16;

  private final Units estimate;
  private long in;
  private long out;
  private long textBytes;
  private long pieces;

  /**
   * @param estimate what the job was held for: it cannot have made more tokens than it was allowed,
   *     nor read more than its bytes
   */
  public TokenCount(Units estimate) {
    this.estimate = estimate;
  }

  /** Of an answer that is not a stream. */
  public static TokenCount of(JsonNode answer, Units estimate) {
    TokenCount count = new TokenCount(estimate);
    count.usage(answer.path("usage"));
    answer.path("choices").forEach(choice -> count.says(choice.path("message")));
    return count;
  }

  /** How a gateway's count differs from the text that it delivered. */
  public enum Mismatch {
    /** It counted nothing. */
    MISSING,
    /** Less than a token for 16 bytes of text, or for two pieces. */
    LOW,
    /** More than a token for each byte of text. */
    HIGH
  }

  /**
   * Takes a usage object. A count that is absent, or null, says nothing; one that is no whole
   * number from 0 to 2^63 - 1 makes the object worthless, so that nothing of it counts.
   */
  public void usage(JsonNode usage) {
    long nextIn = count(usage.path("prompt_tokens"));
    long nextOut = count(usage.path("completion_tokens"));
    if (nextIn >= 0 && nextOut >= 0) {
      in = Math.max(in, nextIn);
      out = Math.max(out, nextOut);
    }
  }

  private static long count(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return 0;
    }
    return given.isIntegralNumber() && given.canConvertToLong() ? given.asLong() : -1;
  }

  /** Takes what a model says in a message, or in a piece of one; its role alone is no text. */
  public void says(JsonNode message) {
    long bytes = 0;
    boolean said = false;
    for (Map.Entry<String, JsonNode> field : message.properties()) {
      JsonNode value = field.getValue();
      if (!field.getKey().equals("role") && !isEmpty(value)) {
        said = true;
        bytes += bytes(value);
      }
    }
    if (said) {
      pieces++;
      textBytes += bytes;
    }
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isNull()
        || (value.isTextual() && value.asText().isEmpty())
        || (value.isContainerNode() && value.isEmpty());
  }

  /** Of all texts in it: tools are called in lists of objects. */
  private static long bytes(JsonNode value) {
    if (value.isTextual()) {
      return value.asText().getBytes(StandardCharsets.UTF_8).length;
    }
    long bytes = 0;
    for (JsonNode part : value) {
      bytes += bytes(part);
    }
    return bytes;
  }

  /** True when the client was given something that a model said. */
  public boolean hasText() {
    return pieces > 0;
  }

  /** What is billed; nothing for an answer without text for which the gateway counted nothing. */
  public Units units() {
    if (!hasText() && in == 0 && out == 0) {
      return Units.NONE;
    }
    long mostIn = BYTES_PER_TOKEN * estimate.get(Unit.TOKENS_IN) + TEMPLATE_TOKENS;
    long read = in == 0 && hasText() ? estimate.get(Unit.TOKENS_IN) : Math.min(in, mostIn);
    long made = out == 0 ? counted() : out;
    return tokens(read, Math.min(made, estimate.get(Unit.TOKENS_OUT)));
  }

  private long counted() {
    return Math.max(pieces, Math.ceilDiv(textBytes, BYTES_PER_TOKEN));
  }

  /** For a person to look at the gateway: what is billed does not depend on it. */
  public Optional<Mismatch> mismatch() {
    if (hasText() && out == 0) {
      return Optional.of(Mismatch.MISSING);
    }
    if (out < (textBytes - SHORT_BYTES) / MOST_BYTES_PER_TOKEN
        || out < (pieces - SHORT_PIECES) / 2) {
      return Optional.of(Mismatch.LOW);
    }
    return out - SHORT_TOKENS > textBytes ? Optional.of(Mismatch.HIGH) : Optional.empty();
  }

  /** Units of a language model's job. */
  public static Units tokens(long in, long out) {
    return Units.of(Map.of(Unit.REQUESTS, 1L, Unit.TOKENS_IN, in, Unit.TOKENS_OUT, out));
  }
}
