package io.naap.clearinghouse.health;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.signer.RemoteSigner;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when Postgres answers with a migrated ledger and the signer listens, where one is
 * configured.
 */
@Readiness
@ApplicationScoped
public class LedgerReadiness implements HealthCheck {
  private final Ledger ledger;
  private final RemoteSigner signer;

  LedgerReadiness(Ledger ledger, RemoteSigner signer) {
    this.ledger = ledger;
    this.signer = signer;
  }

  @Override
  public HealthCheckResponse call() {
    boolean reachable;
    try {
      ledger.read(tx -> tx.one("select 1 from account limit 1"));
      reachable = true;
    } catch (RuntimeException away) {
      // Any failure means not ready; the pool logs the cause.
      reachable = false;
    }
    return HealthCheckResponse.named("ledger").status(reachable && signer.isReady()).build();
  }
}
