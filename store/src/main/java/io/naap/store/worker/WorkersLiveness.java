package io.naap.store.worker;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/** Down when a background loop is dead or hangs. */
@Liveness
@ApplicationScoped
public class WorkersLiveness implements HealthCheck {
  private final Workers workers;

  WorkersLiveness(Workers workers) {
    this.workers = workers;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("background loops").up();
    for (String name : workers.stuck()) {
      response.down().withData(name, "dead or stuck");
    }
    return response.build();
  }
}
