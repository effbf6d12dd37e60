package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job as it will be forwarded, and how its use is measured.
 *
 * @param images how the job is cut when it asks for more images than a gateway takes at once
 */
public record Job(
    Estimate estimate, Outgoing outgoing, Measure measure, Optional<ImageParts> images) {
  Job(Estimate estimate, Outgoing outgoing, Measure measure) {
    this(estimate, outgoing, measure, Optional.empty());
  }

  /**
   * What the job will use, as far as its request tells.
   *
   * @param most what the job may come to at most; never nothing
   * @param expected what it will come to, where that is less than the most
   * @param open the unit whose amount the request leaves open: {@code most} has what is allowed
   */
  public record Estimate(Units most, Optional<Units> expected, Optional<Unit> open) {
    /** The request says all. */
    static Estimate exact(Units units) {
      return new Estimate(units, Optional.empty(), Optional.empty());
    }
  }

  /**
   * The request to the gateway.
   *
   * @param uri path and query
   * @param answer how the answer comes back
   */
  public record Outgoing(String uri, Map<String, String> headers, Body body, Answer answer) {}

  /** Measures a job. */
  @FunctionalInterface
  public interface Measure {
    /**
     * What an answer came to: a complete one, or as much as was delivered when the client left.
     *
     * @param answer null for an answer that is passed on as it comes
     */
    Units of(JsonNode answer, Delivered delivered);
  }

  public Answer answer() {
    return outgoing.answer();
  }

  /**
   * The bodies of the jobs that a gateway gets for this one, one after the other; most often one.
   *
   * @param mostImages that one of them may ask for
   */
  public List<Body> parts(int mostImages) {
    return images.isEmpty()
        ? List.of(outgoing.body())
        : images.get().of(outgoing.body(), mostImages);
  }

  public Units measured(JsonNode answer, Delivered delivered) {
    return measure.of(answer, delivered);
  }

  /** Ways of answering. */
  public enum Answer {
    /** JSON, read whole: media URLs in it are rewritten. */
    JSON,
    /** JSON that names a recording, which is fetched and passed on instead. */
    SPEECH,
    /** JSON of a language model, read whole. */
    LANGUAGE,
    /** A language model's server-sent events, as long as the gateway answers with them. */
    EVENTS,
    /** Passed on as it comes. */
    THROUGH,
    /** Passed on as it comes, and may be empty. */
    THROUGH_OR_EMPTY
  }

  /**
   * What went through the router.
   *
   * @param sentBytes of the body, to the gateway
   * @param millis from forwarding to the end
   * @param begin the first bytes of an answer that was passed on, where the job needs them
   * @param passedBytes of an answer that was passed on
   */
  public record Delivered(long sentBytes, long millis, Buffer begin, long passedBytes) {}
}
