package io.naap.store.worker;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/** Liveness is down while a background loop is dead or stuck, so that the process is restarted. */
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
