package io.naap.router;

import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.json.JsonScan;
import io.naap.contracts.problem.Refusal;
import io.naap.router.live.Ending;
import io.naap.router.live.LiveSession;
import io.naap.router.routing.Affinity;
import io.naap.router.routing.Gateway;
import io.naap.router.routing.GatewayState;
import io.naap.router.routing.Pool;
import io.naap.router.workload.Job;
import io.naap.router.workload.ParsedRequest;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The one list of this service's own types that cross JSON, for native executables. The check errs
 * on the side of asking for too much; what it asks for is listed.
 */
@RegisterForReflection(
    targets = {
      Affinity.class,
      ParsedRequest.class,
      Ending.class,
      LiveSession.class,
      LiveSession.At.class,
      LiveSession.Work.class,
      Gateway.class,
      GatewayState.class,
      Job.Answer.class,
      Job.Delivered.class,
      JsonLimits.class,
      JsonScan.Result.class,
      JsonScan.Result.Fine.class,
      JsonScan.Result.Malformed.class,
      JsonScan.Result.TooComplex.class,
      Pool.class,
      Refusal.class
    })
public final class NativeTypes {
  private NativeTypes() {}
}
