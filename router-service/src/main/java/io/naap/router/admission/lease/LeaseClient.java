package io.naap.router.admission.lease;

import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.LeaseQueue;
import io.naap.router.admission.quota.QuotaTable;
import io.naap.router.admission.quota.SubjectQuotas;
import io.naap.router.admission.quota.TenantQuotas;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * This router's side of leasing: {@link #compose} makes the next call, {@link #apply} takes its
 * answer. One thread at a time; it does no input or output.
 */
public final class LeaseClient {
  private static final int MOST_SUBJECTS = 200;

  /**
   * Reports that no job waits for are made in short calls, so that a job that comes meanwhile need
   * not wait long. However many jobs wait, each call makes as many reports as it asks for subjects,
   * and no fewer than this: the spool is kept until every subject was reported.
   */
  private static final int LEAST_REPORTS = 8;

  private final QuotaTable table;
  private final LeaseRecovery recovery;
  private final long deniedNanos;
  private volatile String epoch = "";
  private volatile boolean welcome;
  private volatile long heardNanos;
  private long calls = -1;

  /** The call that is not answered yet. */
  private Sent sent;

  /** A call before a long silence; the next welcome tells whether it was done. */
  private Sent unsure;

  private volatile Map<String, Long> uncommitted = Map.of();

  /**
   * @param denied how long an answer "nothing left" is believed
   */
  public LeaseClient(QuotaTable table, Duration denied) {
    this.table = table;
    this.recovery = new LeaseRecovery(table);
    this.deniedNanos = denied.toNanos();
  }

  private record Sent(LeaseCall call, long nanos, List<SubjectQuotas.Report> reports) {}

  /** The epoch of Redis that is known. */
  public String epoch() {
    return epoch;
  }

  /** False until Redis has said what is leased to this router. */
  public boolean isWelcome() {
    return welcome;
  }

  /** When the last call was made that was answered. */
  public long heardNanos() {
    return heardNanos;
  }

  /** By router: up to where metering must have its usage before it says where counters begin. */
  public Map<String, Long> uncommitted() {
    return uncommitted;
  }

  /** The first usage event that Redis may not have heard of; what follows it must be kept. */
  public long unreportedFrom() {
    return Math.min(recovery.unheardFrom(), table.unheardFrom());
  }

  /** True when there is something to tell Redis or to ask. */
  public boolean hasDue() {
    return !table.queue().isEmpty() || !recovery.isDone();
  }

  // --- calls ---

  /**
   * The next call, or the one that is not answered yet. A call with nothing to say keeps the lease.
   *
   * @param lastUncommitted the last position of the spool that metering has not confirmed; 0 for
   *     none
   */
  public LeaseCall compose(String freshEpoch, long lastUncommitted, long nanos) {
    if (sent != null) {
      // No two epochs have one name, though they begin with one call.
      return sent.call.beginning(freshEpoch);
    }
    List<SubjectQuotas.Report> reports = welcome ? reports(nanos) : List.of();
    List<LeaseCall.Subject> subjects = new ArrayList<>(reports.size());
    for (SubjectQuotas.Report report : reports) {
      subjects.add(
          new LeaseCall.Subject(
              report.of().name(),
              report.position(),
              report.anew(),
              report.starts(),
              report.wishes()));
    }
    LeaseCall call =
        new LeaseCall(
            epoch, freshEpoch, ++calls, lastUncommitted, table.time().millis(), !welcome, subjects);
    sent = new Sent(call, nanos, reports);
    return call;
  }

  /** What an earlier process left comes first and alone; else what jobs wait for, then reports. */
  private List<SubjectQuotas.Report> reports(long nanos) {
    List<SubjectQuotas.Report> reports = new ArrayList<>();
    // Jobs queue subjects on other threads meanwhile, so that one may come twice. A call names each
    // once: the second time waits for the next call.
    Set<String> named = new HashSet<>();
    if (!recovery.isDone()) {
      recovery.again(take(recovery::next, MOST_SUBJECTS, reports, named, nanos));
      return reports;
    }
    LeaseQueue queue = table.queue();
    List<SubjectQuotas> askAgain = take(queue::nextAsked, MOST_SUBJECTS, reports, named, nanos);
    int room = reports.size() + Math.max(LEAST_REPORTS, reports.size());
    List<SubjectQuotas> reportAgain = take(queue::nextReport, room, reports, named, nanos);
    askAgain.forEach(queue::askAgain);
    reportAgain.forEach(queue::reportAgain);
    return reports;
  }

  /** Makes reports until there are so many; returns the subjects that were named before. */
  private List<SubjectQuotas> take(
      Supplier<SubjectQuotas> next,
      int most,
      List<SubjectQuotas.Report> reports,
      Set<String> named,
      long nanos) {
    List<SubjectQuotas> again = new ArrayList<>();
    SubjectQuotas subject;
    while (reports.size() < most && (subject = next.get()) != null) {
      if (!named.add(subject.name())) {
        again.add(subject);
        continue;
      }
      SubjectQuotas.Report report = table.report(subject, nanos);
      if (report != null) {
        reports.add(report);
      }
    }
    return again;
  }

  // --- answers ---

  /**
   * What an answer leaves to be done.
   *
   * @param toSeed metering is to be asked where their counters begin
   * @param answered jobs that wait for them can be decided
   * @param later the same, after a pause
   */
  public record Next(
      List<SubjectQuotas> toSeed, List<TenantQuotas> answered, List<TenantQuotas> later) {
    private static final Next NOTHING = new Next(List.of(), List.of(), List.of());
  }

  /** Takes the answer to the call that was composed last. */
  public Next apply(LeaseReply reply, long askedNanos, long nanos) {
    Sent call = sent;
    sent = null;
    heardNanos = askedNanos;
    return switch (reply) {
      case LeaseReply.OtherEpoch other -> {
        end(call, false);
        begin(other.epoch(), other.clock(), nanos);
        yield Next.NOTHING;
      }
      case LeaseReply.Gone gone -> {
        unsure = call;
        table.time().told(gone.clock(), nanos);
        welcome = false;
        yield Next.NOTHING;
      }
      case LeaseReply.Welcome hello -> welcomed(hello, askedNanos, nanos);
      case LeaseReply.Done done -> done(call, done, nanos);
    };
  }

  /** A new epoch. */
  private void begin(String fresh, long redisClock, long nanos) {
    epoch = fresh;
    table.time().told(redisClock, nanos);
    welcome = false;
    end(unsure, true);
    unsure = null;
    recovery.newEpoch();
    table.newEpoch();
  }

  /** A call has no answer that says more than whether it was done. */
  private void end(Sent call, boolean done) {
    if (call == null) {
      return;
    }
    for (SubjectQuotas.Report report : call.reports) {
      if (done) {
        table.done(report);
        recovery.heard(report.of());
      } else {
        table.notDone(report);
        recovery.notHeard(report.of());
      }
    }
  }

  private Next welcomed(LeaseReply.Welcome hello, long askedNanos, long nanos) {
    if (!hello.epoch().equals(epoch)) {
      if (!epoch.isEmpty()) {
        begin(hello.epoch(), hello.clock(), nanos);
      }
      epoch = hello.epoch();
    }
    if (unsure != null) {
      end(unsure, hello.lastCall() == unsure.call.number());
      unsure = null;
    }
    table.time().told(hello.clock(), nanos);
    table.time().day(hello.date(), hello.tilDayMillis(), askedNanos);
    table.adopt(hello.out());
    welcome = true;
    return new Next(List.of(), List.copyOf(table.tenants()), List.of());
  }

  private Next done(Sent call, LeaseReply.Done done, long nanos) {
    table.time().told(done.clock(), nanos);
    table.time().day(done.date(), done.tilDayMillis(), call.nanos);
    uncommitted = done.uncommitted();
    Next next = new Next(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int at = 0; at < call.reports.size(); at++) {
      SubjectQuotas.Report report = call.reports.get(at);
      SubjectQuotas subject = report.of();
      LeaseReply.Subject answer = done.subjects().get(at);
      boolean counted = answer.status() == LeaseReply.Status.OK;
      table.granted(report, answer.grants(), counted, call.nanos, nanos, deniedNanos);
      switch (answer.status()) {
        case OK -> {
          recovery.heard(subject);
          next.answered.add(subject.tenant());
        }
        case SEED -> {
          if (table.beginSeeding(subject)) {
            next.toSeed.add(subject);
          }
        }
        case WAIT -> next.later.add(subject.tenant());
      }
    }
    done.recalled().forEach(table::recall);
    return next;
  }

  /**
   * Metering has said where a subject's counters begin.
   *
   * @param seed null when it has not
   * @param asked the epoch in which metering was asked: counters of another one begin later
   */
  public void seeded(SubjectQuotas subject, CounterSeed seed, String asked) {
    table.seeded(subject, seed != null, asked.equals(epoch) ? seed : null);
  }

  /** Takes over what an earlier process of this router left. Blocks. */
  public void recover(LeaseReply.Welcome hello, LeaseRecovery.Spooled spooled, long nanos)
      throws IOException {
    recovery.recover(hello, spooled, nanos);
  }
}
