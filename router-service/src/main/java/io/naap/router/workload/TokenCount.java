package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens of one answer of a language model: the gateway's count, or else a count of the text
 * that was delivered. The gateway's counts are cumulative, so the largest one counts. A count of
 * zero beside delivered text means that the gateway did not count (a Go struct that nobody filled
 * in). Then the text counts: a token for three bytes, as in a request, and at least one for each
 * piece of text.
 */
public final class TokenCount {
  static final int BYTES_PER_TOKEN = 3;

  /** Tokens that a model's chat template may add to a prompt. */
  private static final int TEMPLATE_TOKENS = 1_000;

  /** The most bytes of text that a model puts into a token on average. */
  private static final int MOST_BYTES_PER_TOKEN = 16;

  /** A difference of so many bytes, pieces or tokens at most is not reported. */
  private static final int SHORT_BYTES = 64;

  private static final int SHORT_PIECES = 8;
  private static final int SHORT_TOKENS = 16;

  private final Units estimate;
  private long in;
  private long out;
  private long textBytes;
  private long pieces;

  /**
   * @param estimate the most that the job may come to; no count goes far beyond it
   */
  public TokenCount(Units estimate) {
    this.estimate = estimate;
  }

  /** Counts a whole answer. */
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
    /** It counted less than a token for 16 bytes of text, or for two pieces. */
    LOW,
    /** It counted more than a token for each byte of text. */
    HIGH
  }

  /**
   * Takes a usage object. A count that is absent or null is ignored; one that is not a whole number
   * from 0 to 2^63 - 1 has the whole object ignored.
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

  /** Takes a message of a model, or a piece of one; its role is not text. */
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

  /** The bytes of all texts in a value: tool calls are lists of objects. */
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

  /** True when the client got text of the model. */
  public boolean hasText() {
    return pieces > 0;
  }

  /** The billed units; none for an answer without text for which the gateway counted nothing. */
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

  /** Tells operators that a gateway counts wrongly; the bill does not depend on it. */
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

  /** The units of a language model's job. */
  public static Units tokens(long in, long out) {
    return Units.of(Map.of(Unit.REQUESTS, 1L, Unit.TOKENS_IN, in, Unit.TOKENS_OUT, out));
  }
}
