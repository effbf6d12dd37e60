package io.naap.router.workload;

import java.util.Optional;
import java.util.function.Function;

/**
 * A request that was read and is good.
 *
 * @param model the model asked for; absent for the default
 * @param sticky requests with the same value go to the same gateway
 * @param showUsage whether a stream of events shows its usage to the client
 * @param job makes the job when its model is known
 */
public record ParsedRequest(
    Workload workload,
    Optional<String> model,
    Optional<String> sticky,
    boolean showUsage,
    Function<String, Job> job) {
  static ParsedRequest of(Workload workload, Optional<String> model, Function<String, Job> job) {
    return new ParsedRequest(workload, model, Optional.empty(), true, job);
  }

  public String capability() {
    return workload.capability();
  }

  public boolean openAi() {
    return workload.openAi();
  }
}
