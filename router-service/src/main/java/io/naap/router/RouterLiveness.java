package io.naap.router;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Down when this router does not learn any more which keys are revoked and which usage is stored,
 * and never will: then it must be restarted.
 */
@Liveness
@Singleton
class RouterLiveness implements HealthCheck {
  private final Pushes pushes;

  RouterLiveness(Pushes pushes) {
    this.pushes = pushes;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("pushes").status(pushes.isAlive()).build();
  }
}
