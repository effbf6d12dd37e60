package io.naap.router.admission.lease;

import io.naap.contracts.events.UsageRecorded;
import io.naap.router.admission.quota.QuotaLease;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.limit.Policy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * What an earlier process of this router had leased when it died: what its spool says was used is
 * reported, the rest is given back, before anything else is asked of Redis.
 */
public final class LeaseRecovery {
  private final QuotaTable table;

  /** What the next calls are about. */
  private final Queue<SubjectQuotas> due = new ConcurrentLinkedQueue<>();

  /** What Redis has not heard of yet. */
  private final Set<SubjectQuotas> unheard = ConcurrentHashMap.newKeySet();

  LeaseRecovery(QuotaTable table) {
    this.table = table;
  }

  /** The usage that an earlier process left in the spool, in order. */
  public interface Spooled {
    void each(Consumer<UsageRecorded> reader) throws IOException;
  }

  /** What an earlier process had of a key or tenant, and what it used of that. */
  private static final class Earlier {
    private final SubjectQuotas subject;
    private final long reportedTo;
    private final List<QuotaLease> leases;
    private final long[] out;
    private final long[] used;

    Earlier(String name, Map<String, Long> out, long reportedTo) {
      this.subject = SubjectQuotas.ofEarlierProcess(name, out.keySet());
      this.reportedTo = reportedTo;
      this.leases = new ArrayList<>(subject.leases());
      this.out = out.values().stream().mapToLong(Long::longValue).toArray();
      this.used = new long[leases.size()];
    }

    void take(UsageRecorded event) {
      if (event.spoolPosition() <= reportedTo) {
        return;
      }
      for (int at = 0; at < used.length; at++) {
        if (!leases.get(at).amount().isPerMinute()) {
          used[at] += used(leases.get(at), event);
        }
      }
      subject.settled(event.spoolPosition(), true);
    }

    /** All that may have been used of limits per minute counts as used just now. */
    void end(long second, long nanos) {
      for (int at = 0; at < used.length; at++) {
        QuotaLease lease = leases.get(at);
        lease.recover(out[at], lease.amount().isPerMinute() ? out[at] : used[at], second, nanos);
      }
    }
  }

  private static long used(QuotaLease lease, UsageRecorded event) {
    String day = event.occurredAt().toString();
    if (lease.amount().kind() == Policy.Kind.CONCURRENT || !day.startsWith(lease.window())) {
      return 0;
    }
    if (lease.amount().kind() == Policy.Kind.RPD) {
      return event.sequence() == 0 ? 1 : 0;
    }
    return lease.amount().ofMoney()
        ? event.estimatedCost().nanos()
        : event.units().get(lease.amount().unit());
  }

  /** Reads what was used from the spool. Blocks. */
  void recover(LeaseReply.Welcome hello, Spooled spooled, long nanos) throws IOException {
    Map<String, Earlier> all = new LinkedHashMap<>();
    hello
        .out()
        .forEach(
            (name, out) ->
                all.put(name, new Earlier(name, out, hello.positions().getOrDefault(name, 0L))));
    spooled.each(
        event -> {
          table.reached(event.spoolPosition());
          for (String name : List.of("t:" + event.tenantId(), "k:" + event.keyId())) {
            Earlier earlier = all.get(name);
            if (earlier != null) {
              earlier.take(event);
            }
          }
        });
    table.reachedLastPosition();
    for (Earlier earlier : all.values()) {
      earlier.end(table.time().second(nanos), nanos);
      unheard.add(earlier.subject);
      due.add(earlier.subject);
    }
  }

  boolean isDone() {
    return due.isEmpty();
  }

  /** The next that Redis is to hear of, or null. */
  SubjectQuotas next() {
    return due.poll();
  }

  void again(List<SubjectQuotas> subjects) {
    due.addAll(subjects);
  }

  /** A call about it was not done. */
  void notHeard(SubjectQuotas subject) {
    if (unheard.contains(subject)) {
      due.add(subject);
    }
  }

  /** Redis has counted what was used. */
  void heard(SubjectQuotas subject) {
    unheard.remove(subject);
  }

  /** A new epoch: nothing that was leased before counts any more. */
  void newEpoch() {
    unheard.clear();
    due.clear();
  }

  /** The first usage event that Redis may not have heard of; the largest number for none. */
  long unheardFrom() {
    long first = Long.MAX_VALUE;
    for (SubjectQuotas subject : unheard) {
      first = Math.min(first, table.unheardFrom(subject));
    }
    return first;
  }
}
