package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job as it will be forwarded, and how its use is measured. */
public interface Job {
  /** The most that the job may come to, as its gateway is told; never nothing. */
  Units estimate();

  /** What the job will come to, as far as its request tells; absent for the most it may come to. */
  default Optional<Units> expected() {
    return Optional.empty();
  }

  /** The unit whose amount the request left open: the estimate has what is allowed of it. */
  Optional<Unit> open();

  /** Path and query at the gateway. */
  String uri();

  /** Headers for the gateway. */
  Map<String, String> headers();

  Body body();

  /**
   * The bodies of the jobs that a gateway is given for this one, one after the other; most often
   * one.
   *
   * @param mostImages that may be asked for in one of them
   */
  default List<Body> parts(int mostImages) {
    return List.of(body());
  }

  /** How the answer comes back. */
  Answer answer();

  /**
   * What an answer came to: a complete one, or as much of one as was delivered when its client
   * left.
   */
  Units measured(JsonNode answer, Delivered delivered);

  /** Ways of answering. */
  enum Answer {
    /** JSON, read whole: media URLs in it are rewritten. */
    JSON,
    /** JSON that names a recording, which is fetched and passed on in its place. */
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
   * What went through.
   *
   * @param sentBytes of the body to the gateway
   * @param millis from forwarding to the end
   * @param begin the first bytes of what was passed on, where a job asks for them
   * @param passedBytes of what was passed on
   */
  record Delivered(long sentBytes, long millis, Buffer begin, long passedBytes) {}
}
