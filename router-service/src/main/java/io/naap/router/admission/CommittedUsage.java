package io.naap.router.admission;

import io.naap.router.admission.lease.LeaseClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Waits until metering has stored the usage that its answers must include. */
final class CommittedUsage {
  private static final long PAUSE_MILLIS = 100;

  private final SpooledUsage spooled;
  private final LeaseClient leases;
  private final Vertx vertx;
  private final long patienceMillis;

  CommittedUsage(SpooledUsage spooled, LeaseClient leases, Vertx vertx, Duration patience) {
    this.spooled = spooled;
    this.leases = leases;
    this.vertx = vertx;
    this.patienceMillis = patience.toMillis();
  }

  /**
   * Completes when metering has this router's usage up to a position, and of every router what
   * Redis said that it must have. Fails when that takes too long.
   */
  Future<Void> upTo(long position) {
    return upTo(position, 0);
  }

  private Future<Void> upTo(long position, int attempt) {
    boolean all =
        spooled.isStored(position)
            && leases.uncommitted().entrySet().stream()
                .allMatch(one -> spooled.isStored(one.getKey(), one.getValue()));
    if (all) {
      return Future.succeededFuture();
    }
    if (attempt * PAUSE_MILLIS > patienceMillis) {
      return Future.failedFuture("metering has not stored older usage yet");
    }
    return vertx.timer(PAUSE_MILLIS).compose(later -> upTo(position, attempt + 1));
  }
}
