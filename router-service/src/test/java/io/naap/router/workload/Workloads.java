package io.naap.router.workload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.problem.Refusal;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.buffer.Buffer;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Workloads without a server: requests are texts, answers are JSON. */
final class Workloads {
  static final ObjectMapper MAPPER = new ObjectMapper();
  static final JsonRequest JSON =
      new JsonRequest(MAPPER, new JsonLimits(20, 10_000, 200, 100, 1 << 20), 1 << 20);
  static final WorkloadConfig CONFIG =
      new SmallRyeConfigBuilder()
          .withMapping(WorkloadConfig.class)
          .build()
          .getConfigMapping(WorkloadConfig.class);

  /** What went through for a job whose answer is JSON. */
  static final Job.Delivered NOTHING = new Job.Delivered(0, 0, null, 0);

  private Workloads() {}

  /** Reads a request, with ' for ". */
  static ParsedRequest parse(JsonWorkload workload, String body) {
    return workload.parse(JSON.editor(Buffer.buffer(body.replace('\'', '"'))));
  }

  static Job job(JsonWorkload workload, String body) {
    return parse(workload, body).job().apply("m");
  }

  /** JSON with ' for ". */
  static JsonNode answer(String text) {
    return read(text.replace('\'', '"'));
  }

  private static JsonNode read(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  /** What the gateway is sent. */
  static JsonNode sent(Job job) {
    return sent(job.outgoing().body());
  }

  static JsonNode sent(Body body) {
    return read(((Body.Whole) body).bytes().toString());
  }

  /** The refusal that something ends in. */
  static Refusal refusal(ThrowingCallable refused) {
    return Assertions.catchThrowableOfType(Refusal.RefusedException.class, refused).refusal();
  }
}
