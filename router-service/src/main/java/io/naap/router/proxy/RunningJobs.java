package io.naap.router.proxy;

import jakarta.inject.Singleton;

/** What bounds the jobs that this router carries, and ends them when it is time. */
@Singleton
class RunningJobs {
  final Shedding shedding;
  final Unattended unattended;
  private final Drain drain;
  private final DeadlineWatcher deadlines;

  RunningJobs(Shedding shedding, Unattended unattended, Drain drain, DeadlineWatcher deadlines) {
    this.shedding = shedding;
    this.unattended = unattended;
    this.drain = drain;
    this.deadlines = deadlines;
  }

  /** From now on the exchange is told of its deadlines, and of a router that stops. */
  void begins(Exchange exchange) {
    drain.begins(exchange);
    deadlines.watch(exchange);
  }

  void ends(Exchange exchange) {
    drain.ends(exchange);
    shedding.leave();
    deadlines.forget(exchange);
  }
}
