package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.router.endpoint.Endpoint;
import io.naap.router.http.Upload;
import io.vertx.core.Future;

/**
 * One kind of job, as one endpoint takes it: how its request is read and refused, when a gateway's
 * answer is complete, and (by the {@link Job} that reading gives) how its use is estimated and
 * measured. A new pipeline is one new class and its line in {@link Registry}.
 */
public sealed interface Workload permits JsonWorkload, FormWorkload, Transcoding, ByocJob {
  /** The endpoint that takes this job. */
  Endpoint endpoint();

  /** The capability it is routed, limited and billed by. */
  String capability();

  /** True when answers and errors have OpenAI's shapes. */
  default boolean openAi() {
    return false;
  }

  /**
   * Reads a request. Fails with a refusal when the request is wrong or its cost cannot be known.
   *
   * @param tenantId of the API key that sent the request
   */
  Future<ParsedRequest> read(Upload upload, String tenantId);

  /** True when a gateway's JSON answer has the result of this job: no other answer is billed. */
  boolean isComplete(JsonNode answer);

  /** True when the gateway must read a picture that the customer sent. */
  default boolean readsPicture() {
    return false;
  }

  /**
   * True when a good answer may be larger than the router can take: such a job was made by the
   * gateway, and is billed though its answer cannot be delivered.
   */
  default boolean isBilledWhenTooLarge() {
    return false;
  }

  /** True for a job of a container (BYOC), which is paid by the time it runs. */
  default boolean isContainer() {
    return false;
  }

  /** True for a JSON answer that says it is an error. */
  static boolean isError(JsonNode answer) {
    return answer.hasNonNull("error");
  }

  /** True for an answer with at least one image. */
  static boolean hasImages(JsonNode answer) {
    return answer.path("images").isArray() && !answer.path("images").isEmpty();
  }
}
