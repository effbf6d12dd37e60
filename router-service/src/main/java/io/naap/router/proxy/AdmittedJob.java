package io.naap.router.proxy;

import io.naap.contracts.keys.KeyProfile;
import io.naap.router.workload.Body;
import io.naap.router.workload.Job;
import io.naap.router.workload.ParsedRequest;
import java.time.Instant;
import java.util.List;

/**
 * A job that may be forwarded.
 *
 * @param parts the bodies of the jobs that a gateway gets for it, one after the other
 * @param granted the hold, and the units that it is for
 * @param opened when the request arrived
 */
record AdmittedJob(
    KeyProfile profile,
    ParsedRequest request,
    Job job,
    List<Body> parts,
    RoutedJob routed,
    JobAuthorization.Granted granted,
    Instant opened) {
  String capability() {
    return request.capability();
  }

  String model() {
    return routed.model();
  }
}
