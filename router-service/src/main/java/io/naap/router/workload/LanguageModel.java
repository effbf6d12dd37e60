package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.Refusal;
import io.naap.router.endpoint.Endpoint;
import java.util.Optional;

/**
 * A language model's answer, whole or as server-sent events; paid by its tokens.
 *
 * @param defaultMaxTokens the output tokens of a request that does not limit them
 * @param openAi true for OpenAI's path, false for go-livepeer's
 */
record LanguageModel(JsonRequest json, long defaultMaxTokens, Endpoint endpoint, boolean openAi)
    implements JsonWorkload {
  private static final long MAX_TOKENS = 1_000_000;

  /** Tokens that a request may have beyond those of its bytes. */
  private static final long EXTRA_TOKENS = 16;

  @Override
  public String capability() {
    return "llm";
  }

  @Override
  public ParsedRequest parse(JsonBodyEditor given) {
    ObjectNode body = given.body();
    requireReadable(body);
    if (openAi && body.hasNonNull("max_completion_tokens")) {
      given.explicit("max_tokens", body.get("max_completion_tokens"));
    }
    long maxTokens = JsonRequest.integer(body, "max_tokens", defaultMaxTokens, MAX_TOKENS);
    Optional<Unit> open =
        body.hasNonNull("max_tokens") ? Optional.empty() : Optional.of(Unit.TOKENS_OUT);
    given.explicit("max_tokens", maxTokens);
    boolean streams = body.path("stream").asBoolean(false);
    given.explicit("stream", streams);
    boolean showUsage =
        !openAi || body.path("stream_options").path("include_usage").asBoolean(false);
    if (streams) {
      // The job is billed by the usage, so the gateway must send it even if the client did not ask.
      given.explicit(
          "stream_options", JsonNodeFactory.instance.objectNode().put("include_usage", true));
    }
    // The model reads tools and formats too, so all bytes of the body count.
    long tokensIn = Math.ceilDiv(given.length(), TokenCount.BYTES_PER_TOKEN) + EXTRA_TOKENS;
    Job.Estimate estimate =
        new Job.Estimate(TokenCount.tokens(tokensIn, maxTokens), Optional.empty(), open);
    return new ParsedRequest(
        this,
        JsonRequest.text(body, "model"),
        Optional.empty(),
        showUsage,
        model -> job(given, model, estimate, streams ? Job.Answer.EVENTS : Job.Answer.LANGUAGE));
  }

  private static Job job(
      JsonBodyEditor given, String model, Job.Estimate estimate, Job.Answer answers) {
    given.explicit("model", model);
    return new Job(
        estimate,
        new Job.Outgoing("/llm", JsonRequest.HEADERS, new Body.Whole(given.forwarded()), answers),
        (answer, delivered) -> TokenCount.of(answer, estimate.most()).units());
  }

  private void requireReadable(ObjectNode body) {
    JsonNode messages = body.path("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      throw Refusal.invalid("messages must be a list with at least one message.").raise();
    }
    if (body.hasNonNull("stream") && !body.get("stream").isBoolean()) {
      throw Refusal.invalid("stream must be true or false.").raise();
    }
    if (openAi && JsonRequest.integer(body, "n", 1, Images.MAX_IMAGES) != 1) {
      throw Refusal.invalid("n must be 1.").raise();
    }
  }

  @Override
  public boolean isComplete(JsonNode answer) {
    return !Workload.isError(answer)
        && answer.path("choices").isArray()
        && !answer.path("choices").isEmpty();
  }
}
