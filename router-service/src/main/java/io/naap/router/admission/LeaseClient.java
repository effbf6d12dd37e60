package io.naap.router.admission;

import io.naap.contracts.events.UsageRecorded;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Leases shares from the store: every so often {@link #compose} says what the store is to be told
 * and asked, and {@link #apply} takes its answer. One thread at a time.
 */
final class LeaseClient {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /** A share lasts about so long, when the past is like the future. */
  private static final long AHEAD = 20 * SECOND;

  /** What was used is reported at least so often. */
  private static final long REPORTED_EVERY = 15 * SECOND;

  /** A share nobody used for so long is given back. */
  private static final long IDLE = 15 * SECOND;

  /** An account nobody used for so long is forgotten. */
  private static final long FORGOTTEN = 60 * SECOND;

  private static final int MOST_SUBJECTS = 200;

  /**
   * What nobody waits for is told in short calls, or whoever comes meanwhile would wait. But
   * however many wait, reports go on, as many as there are who wait and never fewer than this: each
   * account that is asked for is to be reported once, and the spool is kept until it was.
   */
  private static final int LEAST_REPORTS = 8;

  /** A share lasts for so many jobs, however rare they are. */
  private static final int JOBS_AHEAD = 8;

  private final QuotaTable book;
  private final long deniedNanos;
  private volatile String epoch = "";
  private volatile boolean welcome;
  private volatile long heardNanos;
  private long calls = -1;
  private Sent sent;

  /** A call of which nobody knows whether it was done. */
  private Sent unsure;

  /** What an earlier life of this router left, given back before anything else is asked. */
  private final Queue<SubjectQuotas> inherited = new ConcurrentLinkedQueue<>();

  /** Of those, which the store has not heard of yet. */
  private final Set<SubjectQuotas> unheard = ConcurrentHashMap.newKeySet();

  /** Once a store's new life began, nobody's older usage may be missed: from then on, this. */
  private volatile Map<String, Long> uncommitted = Map.of();

  /**
   * @param denied how long an answer "nothing left" is believed
   */
  LeaseClient(QuotaTable book, Duration denied) {
    this.book = book;
    this.deniedNanos = denied.toNanos();
  }

  /** A call that is under way, and what it was made of. */
  private record Sent(LeaseCall call, long nanos, List<SubjectQuotas> accounts, List<Part[]> parts) {}

  private record Part(
      QuotaLease share, long limit, long spent, List<QuotaLease.Stamp> stamps, long back, long need) {}

  /** The store's life that is known. */
  String epoch() {
    return epoch;
  }

  /** False until the store has said what is out to this router. */
  boolean isWelcome() {
    return welcome;
  }

  /** When the last call was made that was answered. */
  long heardNanos() {
    return heardNanos;
  }

  Map<String, Long> uncommitted() {
    return uncommitted;
  }

  /** Looks for what is due without having been asked for. Not on the path of a job. */
  void sweep(long nanos) {
    for (Iterator<TenantQuotas> all = book.tenants().iterator(); all.hasNext(); ) {
      TenantQuotas tenant = all.next();
      synchronized (tenant) {
        sweep(tenant.account, nanos);
        for (Iterator<SubjectQuotas> keys = tenant.keys.values().iterator(); keys.hasNext(); ) {
          SubjectQuotas key = keys.next();
          sweep(key, nanos);
          if (isForgotten(key, nanos)) {
            keys.remove();
          }
        }
        if (tenant.keys.isEmpty()
            && tenant.waiting.isEmpty()
            && isForgotten(tenant.account, nanos)) {
          tenant.dropped = true;
          all.remove();
        }
      }
    }
  }

  private void sweep(SubjectQuotas account, long nanos) {
    // Also of what took nothing that is counted: the spool is kept until the store has heard.
    if (nanos - account.reportedNanos > REPORTED_EVERY
        && (account.isDirty() || account.unreportedFrom != 0 || account.telling)) {
      book.queueReport(account);
      return;
    }
    for (QuotaLease share : account.shares.values()) {
      if (!share.local && share.balance > 0 && nanos - share.touchedNanos > IDLE) {
        book.queueReport(account);
        return;
      }
    }
  }

  private static boolean isForgotten(SubjectQuotas account, long nanos) {
    return nanos - account.touchedNanos > FORGOTTEN
        && !account.queued
        && !account.reporting
        && !account.asked
        && account.isEmpty();
  }

  /** The first usage event that the store may not have heard of; what follows it must be kept. */
  long unreportedFrom() {
    long first = Long.MAX_VALUE;
    for (SubjectQuotas account : unheard) {
      synchronized (account.tenant) {
        first = Math.min(first, account.unheardFrom());
      }
    }
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        first = Math.min(first, tenant.account.unheardFrom());
        for (SubjectQuotas key : tenant.keys.values()) {
          first = Math.min(first, key.unheardFrom());
        }
      }
    }
    return first;
  }

  boolean hasDue() {
    return book.isDue() || !inherited.isEmpty();
  }

  /**
   * The next call, or the one that was not answered yet. Without anything to say it still keeps the
   * lease.
   *
   * @param committedAll the last position of the spool that metering has not confirmed, 0 for none
   */
  LeaseCall compose(String freshEpoch, long committedAll, long nanos) {
    if (sent != null) {
      // No two lives of the store have one name, though they be begun with one call.
      return sent.call.beginning(freshEpoch);
    }
    if (!welcome) {
      LeaseCall hello =
          new LeaseCall(
              epoch, freshEpoch, ++calls, committedAll, book.time().millis(), true, List.of());
      sent = new Sent(hello, nanos, List.of(), List.of());
      return hello;
    }
    List<SubjectQuotas> accounts = new ArrayList<>();
    List<Part[]> parts = new ArrayList<>();
    List<LeaseCall.Subject> subjects = new ArrayList<>();
    long second = book.time().second(nanos);
    boolean own = inherited.isEmpty();
    // Jobs queue accounts on other threads while this loop drains the queue, so one account can
    // come twice. A call names each subject once: the second time waits for the next call.
    Set<String> named = new HashSet<>();
    List<SubjectQuotas> again = new ArrayList<>();
    SubjectQuotas account;
    while (subjects.size() < MOST_SUBJECTS
        && (account = own ? book.due() : inherited.poll()) != null) {
      if (named.add(account.subject)) {
        compose(account, accounts, subjects, parts, second, nanos);
      } else {
        again.add(account);
      }
    }
    int waited = subjects.size();
    int room = waited + Math.max(LEAST_REPORTS, waited);
    List<SubjectQuotas> reportAgain = new ArrayList<>();
    while (own && subjects.size() < room && (account = book.report()) != null) {
      if (!account.reporting) {
        continue;
      }
      if (named.add(account.subject)) {
        compose(account, accounts, subjects, parts, second, nanos);
      } else {
        reportAgain.add(account);
      }
    }
    if (own) {
      again.forEach(book::dueAgain);
      reportAgain.forEach(book::reportAgain);
    } else {
      inherited.addAll(again);
    }
    LeaseCall call =
        new LeaseCall(
            epoch, freshEpoch, ++calls, committedAll, book.time().millis(), false, subjects);
    sent = new Sent(call, nanos, accounts, parts);
    return call;
  }

  private static void compose(
      SubjectQuotas account,
      List<SubjectQuotas> accounts,
      List<LeaseCall.Subject> subjects,
      List<Part[]> parts,
      long second,
      long nanos) {
    synchronized (account.tenant) {
      account.queued = false;
      account.reporting = false;
      LeaseCall.Subject subject = compose(account, parts, second, nanos);
      if (subject != null) {
        account.asked = true;
        accounts.add(account);
        subjects.add(subject);
      }
    }
  }

  private static LeaseCall.Subject compose(
      SubjectQuotas account, List<Part[]> parts, long second, long nanos) {
    List<LeaseCall.Wish> wishes = new ArrayList<>();
    List<Part> made = new ArrayList<>();
    long elapsed = Math.max(50 * MILLI, nanos - account.reportedNanos);
    account.shares.values().removeIf(QuotaLease::isDone);
    StringBuilder anew = new StringBuilder(account.telling ? ";" : "");
    for (QuotaLease share : account.shares.values()) {
      if (!share.local) {
        compose(share, wishes, made, elapsed, second, nanos);
        if (share.missed) {
          anew.append(anew.isEmpty() ? ";" : "").append(share.name).append(';');
          share.missed = false;
          account.seed = null;
        }
      }
    }
    if (wishes.isEmpty() && anew.isEmpty()) {
      return null;
    }
    account.telling = false;
    account.reportedNanos = nanos;
    account.recalled = false;
    account.sent();
    Map<String, LeaseCall.Start> starts = new HashMap<>();
    if (account.seed != null) {
      for (QuotaLease share : account.shares.values()) {
        String what = share.what();
        if (share.isWindowed()) {
          starts.put(what, account.seed.of(what));
        }
      }
    }
    parts.add(made.toArray(Part[]::new));
    return new LeaseCall.Subject(
        account.subject, account.lastPosition, anew.toString(), starts, wishes);
  }

  private static void compose(
      QuotaLease share,
      List<LeaseCall.Wish> wishes,
      List<Part> made,
      long elapsed,
      long second,
      long nanos) {
    long needed = share.unbound ? 0 : share.pending;
    boolean idle = needed == 0 && nanos - share.touchedNanos > IDLE;
    boolean fresh = share.answeredNanos == 0;
    long free = Math.max(0, share.balance);
    long back = 0;
    if (share.stale || idle || share.unbound) {
      back = free;
    } else if (share.account.recalled) {
      back = Math.max(0, free - needed);
    }
    long stays = share.balance - back;
    long kept = share.isKept() ? Math.max(0, Math.min(stays / 2, stays - needed)) : 0;
    long need = Math.max(0, needed - (stays - kept));
    long want = 0;
    if (!idle && !share.unbound && !share.account.recalled) {
      long target =
          share.kind == Policy.Kind.CONCURRENT
              ? share.mostHeld + share.mostHeld / 2 + 2 - share.held
              : fresh
                  ? needed * JOBS_AHEAD
                  : Math.max(share.largest * JOBS_AHEAD, times(share.taking, AHEAD, elapsed));
      want = Math.max(0, Math.min(target, ReservationRequest.MAX / 8) - Math.max(0, stays + need));
    }
    long has = share.balance + share.held + share.spent;
    share.balance -= back;
    share.kept = Math.max(share.kept, kept);
    made.add(new Part(share, share.limit, share.spent, share.stampsCopy(), back, need));
    wishes.add(
        new LeaseCall.Wish(
            share.name,
            share.window,
            share.unbound ? -1 : share.limit,
            share.report(second),
            back,
            need,
            want,
            kept,
            has));
    share.reported();
    share.taking = 0;
    share.largest = 0;
    share.mostHeld = share.held;
  }

  /** Amount times one span over another, without overflow. */
  private static long times(long amount, long span, long over) {
    return Math.min(ReservationRequest.MAX, amount * (span / MILLI) / Math.max(1, over / MILLI));
  }

  /** What an answer leaves to be done. */
  record Next(List<SubjectQuotas> toSeed, List<TenantQuotas> answered, List<TenantQuotas> later) {}

  /** Takes the answer to what was composed last. */
  Next apply(LeaseReply reply, long askedNanos, long nanos) {
    Sent call = sent;
    sent = null;
    heardNanos = askedNanos;
    return switch (reply) {
      case LeaseReply.OtherEpoch other -> {
        unsend(call, false);
        begin(other.epoch(), other.clock(), nanos);
        yield new Next(List.of(), List.of(), List.of());
      }
      case LeaseReply.Gone gone -> {
        // What became of the call is told with the welcome.
        unsure = call;
        book.time().told(gone.clock(), nanos);
        welcome = false;
        yield new Next(List.of(), List.of(), List.of());
      }
      case LeaseReply.Welcome hello -> {
        welcomed(hello, askedNanos, nanos);
        yield new Next(List.of(), List.copyOf(book.tenants()), List.of());
      }
      case LeaseReply.Done done -> done(call, done, nanos);
    };
  }

  /** A store that knows nothing: nothing of what was out counts, only what runs. */
  private void begin(String fresh, long storeClock, long nanos) {
    epoch = fresh;
    book.time().told(storeClock, nanos);
    welcome = false;
    unsend(unsure, true);
    unsure = null;
    unheard.clear();
    inherited.clear();
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        tenant.fundingId = "";
        tenant.total = 0;
        reset(tenant.account);
        tenant.keys.values().forEach(this::reset);
      }
    }
  }

  private void reset(SubjectQuotas account) {
    boolean runs = false;
    account.seed = null;
    for (QuotaLease share : account.shares.values()) {
      if (share.local) {
        continue;
      }
      share.balance = 0;
      share.kept = 0;
      share.answeredNanos = 0;
      share.deniedUntilNanos = 0;
      if (!share.looksBack()) {
        // Metering has it, or will have before the counters begin.
        share.reported();
      }
      runs |= share.held != 0 || share.spent != 0;
    }
    if (runs) {
      book.queue(account);
    }
  }

  /** Unless the call was done, what it said is still to be said. */
  private void unsend(Sent call, boolean done) {
    if (call == null) {
      return;
    }
    for (int at = 0; at < call.accounts.size(); at++) {
      SubjectQuotas account = call.accounts.get(at);
      synchronized (account.tenant) {
        account.asked = false;
        if (done) {
          unheard.remove(account);
          continue;
        }
        account.unsent();
        tellAgain(account, call.call.subjects().get(at).anew());
        if (unheard.contains(account)) {
          inherited.add(account);
        }
        for (Part part : call.parts.get(at)) {
          part.share.unreport(part.spent, part.stamps);
          part.share.balance += part.back;
        }
      }
    }
  }

  private static void tellAgain(SubjectQuotas account, String anew) {
    account.telling |= !anew.isEmpty();
    for (QuotaLease share : account.shares.values()) {
      share.missed |= anew.contains(";" + share.name + ";");
    }
  }

  private void welcomed(LeaseReply.Welcome hello, long askedNanos, long nanos) {
    if (!hello.epoch().equals(epoch)) {
      if (!epoch.isEmpty()) {
        begin(hello.epoch(), hello.clock(), nanos);
      }
      epoch = hello.epoch();
    }
    if (unsure != null) {
      unsend(unsure, hello.lastCall() == unsure.call.number());
      unsure = null;
    }
    book.time().told(hello.clock(), nanos);
    book.time().day(hello.date(), hello.tilDayMillis(), askedNanos);
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        adopt(tenant.account, hello.out().getOrDefault(tenant.account.subject, Map.of()));
        for (SubjectQuotas key : tenant.keys.values()) {
          adopt(key, hello.out().getOrDefault(key.subject, Map.of()));
        }
      }
    }
    welcome = true;
  }

  /** What is out to this router is what the store says it is. */
  private void adopt(SubjectQuotas account, Map<String, Long> out) {
    for (QuotaLease share : account.shares.values()) {
      if (share.local) {
        continue;
      }
      Long has = out.get(field(share));
      if (has == null) {
        // Ended with the lease: what was used is counted there already.
        if (share.looksBack()) {
          share.reported();
        }
        // What runs is carried over with the next call.
        share.balance = 0;
      } else {
        share.balance = has - share.held - share.spent;
      }
      share.kept = 0;
      share.answeredNanos = 0;
    }
    book.queue(account);
  }

  /** What an earlier life of this router left in its spool, in order. */
  interface Spooled {
    void each(Consumer<UsageRecorded> taker) throws IOException;
  }

  /** What an earlier life had of an account, and what it used of that. */
  private static final class Left {
    private final SubjectQuotas account;
    private final long since;
    private final List<QuotaLease> shares = new ArrayList<>();
    private final long[] has;
    private final long[] used;

    Left(String subject, Map<String, Long> amounts, long since) {
      this.account = new SubjectQuotas(new TenantQuotas("~" + subject, 0), subject, 0);
      this.since = since;
      for (String field : amounts.keySet()) {
        QuotaLease share = QuotaLease.inherited(account, field);
        account.shares.put(share.name, share);
        shares.add(share);
      }
      this.has = amounts.values().stream().mapToLong(Long::longValue).toArray();
      this.used = new long[has.length];
    }

    void take(UsageRecorded event) {
      if (event.spoolPosition() <= since) {
        return;
      }
      for (int at = 0; at < used.length; at++) {
        if (!shares.get(at).looksBack()) {
          used[at] += used(shares.get(at), event);
        }
      }
      ReservationSettlement.settled(account, event.spoolPosition(), true);
    }

    /** All that may have been used of what looks back counts as used just now. */
    void end(long second, long nanos) {
      for (int at = 0; at < used.length; at++) {
        QuotaLease share = shares.get(at);
        long spent = share.looksBack() ? has[at] : used[at];
        share.spend(spent, second);
        share.balance = has[at] - spent;
        share.touchedNanos = nanos - IDLE - 1;
      }
    }
  }

  /**
   * Takes over what an earlier life of this router left: what its spool says was used is reported,
   * the rest given back.
   */
  void inherit(LeaseReply.Welcome hello, Spooled spooled, long nanos) throws IOException {
    Map<String, Left> all = new LinkedHashMap<>();
    hello
        .out()
        .forEach(
            (subject, amounts) ->
                all.put(
                    subject,
                    new Left(subject, amounts, hello.positions().getOrDefault(subject, 0L))));
    spooled.each(
        event -> {
          book.reached(event.spoolPosition());
          for (String subject : List.of("t:" + event.tenantId(), "k:" + event.keyId())) {
            Left left = all.get(subject);
            if (left != null) {
              left.take(event);
            }
          }
        });
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        tenant.account.lastPosition = Math.max(tenant.account.lastPosition, book.lastPosition());
        tenant
            .keys
            .values()
            .forEach(key -> key.lastPosition = Math.max(key.lastPosition, book.lastPosition()));
      }
    }
    for (Left left : all.values()) {
      left.end(book.time().second(nanos), nanos);
      unheard.add(left.account);
      inherited.add(left.account);
    }
  }

  private static long used(QuotaLease share, UsageRecorded event) {
    String day = event.occurredAt().toString();
    if (share.kind == Policy.Kind.CONCURRENT || !day.startsWith(share.window)) {
      return 0;
    }
    if (share.kind == Policy.Kind.RPD) {
      return event.sequence() == 0 ? 1 : 0;
    }
    return share.ofMoney ? event.estimatedCost().nanos() : event.units().get(share.unit);
  }

  private static String field(QuotaLease share) {
    return share.hasWindow()
        ? share.name.charAt(0) + "." + share.window + share.name.substring(1)
        : share.name;
  }

  private Next done(Sent call, LeaseReply.Done done, long nanos) {
    book.time().told(done.clock(), nanos);
    book.time().day(done.date(), done.tilDayMillis(), call.nanos);
    uncommitted = done.uncommitted();
    List<SubjectQuotas> toSeed = new ArrayList<>();
    List<TenantQuotas> answered = new ArrayList<>();
    List<TenantQuotas> later = new ArrayList<>();
    for (int at = 0; at < call.accounts.size(); at++) {
      SubjectQuotas account = call.accounts.get(at);
      LeaseReply.Subject subject = done.subjects().get(at);
      synchronized (account.tenant) {
        account.asked = false;
        apply(account, call.parts.get(at), subject, call.nanos, nanos);
        if (subject.status() != LeaseReply.Status.OK) {
          account.unsent();
        }
        if (subject.status() == LeaseReply.Status.OK) {
          account.seed = null;
          account.sentFrom = 0;
          unheard.remove(account);
          answered.add(account.tenant);
        } else if (subject.status() == LeaseReply.Status.SEED && !account.seeding) {
          account.seeding = true;
          toSeed.add(account);
        } else if (subject.status() == LeaseReply.Status.WAIT) {
          later.add(account.tenant);
        }
      }
    }
    for (String subject : done.recalled()) {
      recall(subject);
    }
    return new Next(toSeed, answered, later);
  }

  private void apply(
      SubjectQuotas account, Part[] parts, LeaseReply.Subject subject, long askedNanos, long nanos) {
    for (int at = 0; at < parts.length; at++) {
      QuotaLease share = parts[at].share;
      LeaseReply.Got got = subject.amounts().get(at);
      if (!got.window().equals(share.window)) {
        share.roll(got.window());
      }
      share.balance += got.granted();
      if (got.granted() > 0) {
        share.touchedNanos = nanos;
      }
      share.kept = got.kept();
      share.taken = got.taken();
      share.resetMillis = got.resetMillis();
      share.elsewhere = got.elsewhere();
      if (subject.status() == LeaseReply.Status.OK) {
        share.answeredNanos = askedNanos;
        // An answer under another limit leaves it to be asked again.
        share.stale = share.limit != parts[at].limit;
        // Of money only the ledger knows that there is none.
        if (got.granted() < parts[at].need && !share.isMoney()) {
          share.deniedNeed = share.spendable() + 1;
          share.deniedUntilNanos = nanos + deniedNanos;
        } else {
          share.deniedUntilNanos = 0;
        }
      }
      if (share.isMoney()) {
        account.tenant.total = got.total();
        account.tenant.fundingId = got.funding();
        account.tenant.inPool = got.taken();
      }
    }
  }

  private void recall(String subject) {
    String id = subject.substring(2);
    if (subject.charAt(0) == 't') {
      TenantQuotas tenant = book.known(id);
      if (tenant != null) {
        synchronized (tenant) {
          recall(tenant.account);
        }
      }
      return;
    }
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        SubjectQuotas key = tenant.keys.get(id);
        if (key != null) {
          recall(key);
          return;
        }
      }
    }
  }

  private void recall(SubjectQuotas account) {
    for (QuotaLease share : account.shares.values()) {
      if (!share.local && share.balance > share.pending) {
        account.recalled = true;
        book.queue(account);
        return;
      }
    }
  }

  /**
   * Metering has said where an account's counters begin.
   *
   * @param seed null when it has not
   * @param asked the store's life in which it was asked: another one's counters begin later
   */
  void seeded(SubjectQuotas account, SubjectQuotas.Seed seed, String asked) {
    synchronized (account.tenant) {
      account.seeding = false;
      if (seed != null) {
        account.seed = asked.equals(epoch) ? seed : null;
        book.queue(account);
      }
    }
  }

  /** Asks for an account's shares again. */
  void askFor(SubjectQuotas account) {
    synchronized (account.tenant) {
      book.queue(account);
    }
  }

  /** From now on nothing is kept for jobs to come. */
  void giveAllBack(long nanos) {
    for (TenantQuotas tenant : book.tenants()) {
      synchronized (tenant) {
        giveBack(tenant.account, nanos);
        tenant.keys.values().forEach(key -> giveBack(key, nanos));
      }
    }
  }

  private void giveBack(SubjectQuotas account, long nanos) {
    account.shares.values().forEach(share -> share.touchedNanos = nanos - IDLE - 1);
    book.queue(account);
  }
}
