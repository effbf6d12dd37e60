package io.naap.metering.health;

import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Reports ready when Postgres is reachable and migrated and has a default plan. */
@Readiness
@ApplicationScoped
public class StoreReadiness implements HealthCheck {
  private final Transactions transactions;

  StoreReadiness(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public HealthCheckResponse call() {
    boolean ready;
    try {
      ready =
          transactions.run(
              tx ->
                  tx.one("select 1 from plan where is_default").isPresent()
                      && tx.query("select 1 from usage_event limit 1").size() < 2);
    } catch (RuntimeException away) {
      // Any failure means not ready; the connection pool logs the cause.
      ready = false;
    }
    return HealthCheckResponse.named("store").status(ready).build();
  }
}
