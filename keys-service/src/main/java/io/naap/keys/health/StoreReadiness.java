package io.naap.keys.health;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Keys can be read. */
@Readiness
@ApplicationScoped
public class StoreReadiness implements AsyncHealthCheck {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final Pool pool;

  StoreReadiness(Pool pool) {
    this.pool = pool;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return pool.query("select 1 from api_keys limit 1")
        .execute()
        .ifNoItem()
        .after(LIMIT)
        .fail()
        .map(rows -> HealthCheckResponse.up("keys can be read"))
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down("keys can be read"));
  }
}
