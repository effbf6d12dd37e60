package io.naap.auth.health;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the table of signing keys can be read from Postgres. */
@Readiness
@ApplicationScoped
public class SigningReadiness implements AsyncHealthCheck {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final Pool pool;

  SigningReadiness(Pool pool) {
    this.pool = pool;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return pool.query("select 1 from signing_keys limit 1")
        .execute()
        .ifNoItem()
        .after(LIMIT)
        .fail()
        .map(rows -> HealthCheckResponse.up("people can sign in"))
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down("people can sign in"));
  }
}
