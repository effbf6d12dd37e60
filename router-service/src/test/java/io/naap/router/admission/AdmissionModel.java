package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Admission in plain Java: what the scripts must do, for one tenant and its keys, in one UTC day.
 */
final class AdmissionModel {
  /** A job that was admitted, whatever became of it. */
  private static final class Job {
    final String key;
    final long at;
    final long expires;
    Units units;
    long cost;
    boolean held = true;
    boolean open = true;

    Job(Demand demand, long now) {
      this.key = demand.keyId();
      this.at = now;
      this.expires = now + demand.ttl().toMillis();
      this.units = demand.units();
      this.cost = demand.cost().nanos();
    }
  }

  private final Map<String, Job> jobs = new HashMap<>();
  long available;

  String admit(Demand demand, long now) {
    if (jobs.containsKey(demand.hold())) {
      return "Taken";
    }
    for (Policy policy : demand.policies()) {
      long need = need(policy, demand);
      if (need > 0 && used(policy, demand.keyId(), now) + need > policy.limit()) {
        return "Limited";
      }
    }
    if (available < demand.cost().nanos()) {
      return "MoneyShort";
    }
    available -= demand.cost().nanos();
    jobs.put(demand.hold(), new Job(demand, now));
    return "Taken";
  }

  void settle(String name, Units units, long cost) {
    Job job = jobs.get(name);
    if (job != null && job.open) {
      available += job.held ? job.cost - cost : -cost;
      job.units = units;
      job.cost = cost;
      job.held = false;
      job.open = false;
    }
  }

  void sweep(long now) {
    for (Job job : jobs.values()) {
      if (job.held && job.expires <= now) {
        available += job.cost;
        job.units = Units.NONE;
        job.cost = 0;
        job.held = false;
      }
    }
  }

  /** What counts against a policy now. */
  long used(Policy policy, String key, long now) {
    return counted(policy, key).stream()
        .mapToLong(
            job ->
                switch (policy.kind()) {
                  case RPM -> job.at > now - 60_000 ? 1 : 0;
                  case RPD -> 1;
                  case CONCURRENT -> job.held && job.expires > now ? 1 : 0;
                  case MINUTE -> job.at / 1_000 >= now / 1_000 - 60 ? amount(policy, job) : 0;
                  case DAY, MONTH, LIFETIME -> amount(policy, job);
                })
        .sum();
  }

  /** Units of jobs that started in the minute that ends now, to the millisecond. */
  long lastMinute(Policy policy, String key, long now) {
    return counted(policy, key).stream()
        .filter(job -> job.at > now - 60_000)
        .mapToLong(job -> amount(policy, job))
        .sum();
  }

  private List<Job> counted(Policy policy, String key) {
    List<Job> counted = new ArrayList<>(jobs.values());
    counted.removeIf(job -> policy.owner() == Policy.Owner.KEY && !job.key.equals(key));
    return counted;
  }

  private static long need(Policy policy, Demand demand) {
    return policy.what().isEmpty()
        ? 1
        : amount(policy.what(), demand.units(), demand.cost().nanos());
  }

  private static long amount(Policy policy, Job job) {
    return amount(policy.what(), job.units, job.cost);
  }

  private static long amount(String what, Units units, long cost) {
    return what.equals(Cap.MONEY) ? cost : units.get(Unit.of(what));
  }
}
