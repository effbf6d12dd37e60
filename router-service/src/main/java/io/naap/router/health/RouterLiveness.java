package io.naap.router.health;

import io.naap.router.neighbour.ChangeFeed;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Down when the change feed has stopped, so that this router will never learn which keys are
 * revoked and which usage is stored: it must be restarted.
 */
@Liveness
@Singleton
class RouterLiveness implements HealthCheck {
  private final ChangeFeed pushes;

  RouterLiveness(ChangeFeed pushes) {
    this.pushes = pushes;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("pushes").status(pushes.isAlive()).build();
  }
}
