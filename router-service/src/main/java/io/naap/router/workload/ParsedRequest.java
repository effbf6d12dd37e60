package io.naap.router.workload;

import java.util.Optional;
import java.util.function.Function;

/**
 * A request that was read and found good.
 *
 * @param model as asked for, absent for the default
 * @param sticky what must always reach the same gateway
 * @param openAi whether answers take OpenAI's shapes
 * @param showUsage whether a stream shows its usage
 * @param job made when the model is known
 * @param over what to do when it is over, however it ends; may be done twice
 */
public record ParsedRequest(
    String capability,
    Optional<String> model,
    Optional<String> sticky,
    boolean openAi,
    boolean showUsage,
    Function<String, Job> job,
    Runnable over) {
  ParsedRequest(
      String capability,
      Optional<String> model,
      Optional<String> sticky,
      boolean openAi,
      boolean showUsage,
      Function<String, Job> job) {
    this(capability, model, sticky, openAi, showUsage, job, () -> {});
  }

  static ParsedRequest of(String capability, Optional<String> model, Function<String, Job> job) {
    return new ParsedRequest(capability, model, Optional.empty(), false, true, job);
  }

  /** True when a gateway must read a picture that the customer sent. */
  public boolean hasPicture() {
    return Workloads.PICTURES_IN.contains(capability);
  }
}
