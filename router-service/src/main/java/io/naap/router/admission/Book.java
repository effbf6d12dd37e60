package io.naap.router.admission;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The shares of this router and the holds taken from them. No input or output and no clock of its
 * own: jobs are decided here in memory, and every so often {@link #compose} says what the store is
 * to be told and asked, and {@link #apply} takes its answer. Any thread may take and settle; one at
 * a time composes and applies.
 */
final class Book {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /** Counts of a minute are over for what began so long ago. */
  private static final long MINUTE = 61 * SECOND;

  /** A share lasts about so long, when the past is like the future. */
  private static final long AHEAD = 20 * SECOND;

  /** What was used is reported at least so often. */
  private static final long REPORTED_EVERY = 15 * SECOND;

  /** A share nobody used for so long is given back. */
  private static final long IDLE = 15 * SECOND;

  /** An account nobody used for so long is forgotten. */
  private static final long FORGOTTEN = 60 * SECOND;

  private static final int MOST_SUBJECTS = 200;
  private static final Waiting[] NOBODY = {};

  private final long deniedNanos;
  private final long abovePercent;
  private final Map<String, Tenant> tenants = new ConcurrentHashMap<>();
  private final Map<String, Hold> holds = new ConcurrentHashMap<>();
  private final Queue<Account> due = new ConcurrentLinkedQueue<>();

  private volatile Overrides overrides = Overrides.NONE;
  private volatile String epoch = "";
  private volatile boolean welcome;
  private volatile long clock;
  private volatile long clockNanos;
  private volatile long dayEndsNanos;
  private volatile long heardNanos;

  /** Of the spool, as far as usage was settled here. */
  private volatile long lastPosition;

  private long calls = -1;
  private Sent sent;

  /** A call of which nobody knows whether it was done. */
  private Sent unsure;

  /** What an earlier life of this router left, given back before anything else is asked. */
  private final Queue<Account> inherited = new ConcurrentLinkedQueue<>();

  /** Once a store's new life began, nobody's older usage may be missed: from then on, this. */
  private volatile Map<String, Long> uncommitted = Map.of();

  /**
   * @param denied how long an answer "nothing left" is believed
   * @param abovePercent what a job may come to above its hold, of the hold
   */
  Book(Duration denied, long abovePercent) {
    if (abovePercent < 0 || abovePercent > 10_000) {
      throw new IllegalArgumentException(
          "naap.admission.settle-above-percent must be from 0 to 10000");
    }
    this.deniedNanos = denied.toNanos();
    this.abovePercent = abovePercent;
  }

  /** What holds instead of limits from the next job on. */
  void override(Overrides now) {
    overrides = now;
  }

  /** A call that is under way, and what it was made of. */
  private record Sent(LeaseCall call, long nanos, List<Account> accounts, List<Part[]> parts) {}

  private record Part(Share share, long spent, List<Share.Stamp> stamps, long back, long need) {}

  // --- deciding ---

  /** What can be said at once. */
  sealed interface Decision {
    record Decided(Outcome outcome) implements Decision {}

    /** The store must be asked; the job waits in line. */
    record Asking(Waiting waiting) implements Decision {}
  }

  Decision decide(Demand demand, long nanos) {
    while (true) {
      Tenant tenant = tenants.get(demand.tenantId());
      if (tenant == null) {
        tenant = tenants.computeIfAbsent(demand.tenantId(), id -> new Tenant(id, lastPosition));
      }
      synchronized (tenant) {
        if (!tenant.dropped) {
          return decide(tenant, demand, nanos);
        }
      }
    }
  }

  private Decision decide(Tenant tenant, Demand demand, long nanos) {
    Account key = tenant.key(demand.keyId(), lastPosition);
    tenant.account.touchedNanos = nanos;
    key.touchedNanos = nanos;
    Terms terms = terms(tenant, key, demand);
    Hold known = holds.get(demand.hold());
    if (known != null) {
      return new Decision.Decided(new Outcome.Admitted(known, standing(terms, demand, nanos)));
    }
    Share missing = missing(terms, demand, nanos);
    if (missing == null && tenant.waiting.isEmpty()) {
      Hold hold = take(tenant, key, terms, demand, nanos);
      return new Decision.Decided(new Outcome.Admitted(hold, standing(terms, demand, nanos)));
    }
    if (missing != null && isDenied(missing, terms, demand, nanos)) {
      return new Decision.Decided(refusal(terms, demand, nanos));
    }
    Waiting waiting = new Waiting(tenant, demand, nanos);
    tenant.waiting.add(waiting);
    for (Share share : terms.shares) {
      share.pending += share.need(demand);
    }
    ask(tenant, key);
    return new Decision.Asking(waiting);
  }

  private void ask(Tenant tenant, Account key) {
    queue(tenant.account);
    queue(key);
  }

  private void queue(Account account) {
    if (!account.queued && !account.seeding) {
      account.queued = true;
      due.add(account);
    }
  }

  private Terms terms(Tenant tenant, Account key, Demand demand) {
    Terms terms = key.terms;
    Overrides now = overrides;
    if (terms == null || !terms.covers(demand, now)) {
      terms = Terms.bind(demand.limits(), demand.prepaid(), key, tenant.account, now);
      key.terms = terms;
    }
    return terms;
  }

  /** The first share that is too small, or not known well enough; null when the job fits. */
  private Share missing(Terms terms, Demand demand, long nanos) {
    for (Share share : terms.shares) {
      long need = share.need(demand);
      if (!share.local && !isKnown(share, nanos)) {
        return share;
      }
      if (need > 0 && share.spendable() < need) {
        return share;
      }
    }
    return null;
  }

  private boolean isKnown(Share share, long nanos) {
    return share.answeredNanos != 0
        && !share.stale
        && !(share.hasWindow() && nanos - dayEndsNanos >= 0);
  }

  /** Asked a moment ago, and there was nothing. */
  private boolean isDenied(Share missing, Terms terms, Demand demand, long nanos) {
    for (Share share : terms.shares) {
      if (!share.local && !isKnown(share, nanos)) {
        return false;
      }
    }
    return missing.local
        || (missing.deniedUntilNanos - nanos > 0 && missing.need(demand) >= missing.deniedNeed);
  }

  private Hold take(Tenant tenant, Account key, Terms terms, Demand demand, long nanos) {
    long second = second(nanos);
    Share[] shares = terms.shares;
    long[] amounts = new long[shares.length];
    String[] windows = new String[shares.length];
    for (int at = 0; at < shares.length; at++) {
      Share share = shares[at];
      long need = share.need(demand);
      windows[at] = share.window;
      if (need > 0) {
        share.take(need, second);
        share.touchedNanos = nanos;
        // Asked for in time, so that nobody has to wait for it.
        if (!share.local && share.isRunningLow()) {
          queue(share.account);
        }
        amounts[at] = need;
      }
    }
    Hold hold =
        new Hold(demand, terms, key, amounts, windows, nanos, tenant.fundingId, abovePercent);
    holds.put(hold.id, hold);
    return hold;
  }

  private Standing standing(Terms terms, Demand demand, long nanos) {
    int size = terms.rules.size();
    long[] remaining = new long[size];
    long[] resets = new long[size];
    boolean[] violated = new boolean[size];
    for (int at = 0; at < size; at++) {
      Terms.Rule rule = terms.rules.get(at);
      Share share = rule.share();
      remaining[at] = share.remaining(rule.policy().limit());
      resets[at] = reset(share, nanos);
      long need = share.need(demand);
      violated[at] =
          need > 0
              && (rule.shadow()
                  ? rule.policy().limit() - share.taken + share.balance < 0
                  : remaining[at] < need);
    }
    return new Standing(terms, remaining, resets, violated);
  }

  private static long reset(Share share, long nanos) {
    if (share.local) {
      return 1_000;
    }
    if (share.resetMillis < 0) {
      return -1;
    }
    return Math.max(1, share.resetMillis - (nanos - share.answeredNanos) / MILLI);
  }

  private Outcome.Refused refusal(Terms terms, Demand demand, long nanos) {
    Standing standing = standing(terms, demand, nanos);
    List<String> violated = new ArrayList<>();
    long wait = 1;
    for (int at = 0; at < standing.size(); at++) {
      Terms.Rule rule = terms.rules.get(at);
      boolean isShort = rule.share().need(demand) > rule.share().spendable();
      if (standing.isViolated(at) && isShort && !rule.shadow()) {
        violated.add(rule.name());
        // A window that never starts anew gives no time to come back at.
        wait =
            wait < 0 || standing.resetMillis(at) < 0
                ? -1
                : Math.max(wait, standing.resetSeconds(at));
      }
    }
    if (!violated.isEmpty()) {
      return new Outcome.Refused(
          Outcome.Reason.LIMIT,
          wait < 0 ? OptionalLong.empty() : OptionalLong.of(wait),
          violated,
          standing);
    }
    Share money = terms.prepaid ? terms.shares[terms.shares.length - 1] : null;
    if (money != null && money.spendable() < money.need(demand)) {
      return new Outcome.Refused(
          Outcome.Reason.NO_MONEY, OptionalLong.empty(), List.of(), standing);
    }
    // With other routers: they are asked to give back what they do not use.
    for (int at = 0; at < standing.size(); at++) {
      Terms.Rule rule = terms.rules.get(at);
      if (rule.share().need(demand) > rule.share().spendable()) {
        violated.add(rule.name());
      }
    }
    return new Outcome.Refused(Outcome.Reason.LIMIT, OptionalLong.of(1), violated, standing);
  }

  static Outcome.Refused unavailable() {
    return new Outcome.Refused(
        Outcome.Reason.UNAVAILABLE, OptionalLong.of(1), List.of(), Standing.NONE);
  }

  // --- settling ---

  /** Settles once; what was used beyond the hold is debited as well. */
  boolean settle(Hold hold, Units units, NanoUsd cost, long position, long nanos) {
    Tenant tenant = hold.key.tenant;
    synchronized (tenant) {
      if (hold.state == Hold.State.SETTLED) {
        return false;
      }
      long second = second(nanos);
      boolean late = nanos - hold.takenNanos >= MINUTE;
      Share[] shares = hold.terms.shares;
      for (int at = 0; at < shares.length; at++) {
        Share share = shares[at];
        boolean isOver = share.hasWindow() && !share.window.equals(hold.windows[at]);
        if (share.kind == Policy.Kind.RPM || share.kind == Policy.Kind.RPD || isOver) {
          continue;
        }
        long amount = hold.state == Hold.State.OPEN ? hold.amounts[at] : 0;
        long used = share.ofMoney ? cost.nanos() : share.unit == null ? 0 : units.get(share.unit);
        if (share.kind == Policy.Kind.MINUTE && late) {
          used = 0;
        }
        share.held -= amount;
        share.balance += amount - used;
        share.spend(used, second);
        if (share.balance < 0) {
          queue(share.account);
        }
      }
      hold.state = Hold.State.SETTLED;
      told(tenant.account, position);
      told(hold.key, position);
      tenant.account.touchedNanos = nanos;
      hold.key.touchedNanos = nanos;
    }
    holds.remove(hold.id, hold);
    return true;
  }

  private void told(Account account, long position) {
    if (position > lastPosition) {
      lastPosition = position;
    }
    account.lastPosition = Math.max(account.lastPosition, position);
    account.ownPosition = Math.max(account.ownPosition, position);
    if (account.unreportedFrom == 0) {
      account.unreportedFrom = position;
    }
  }

  /** A hold by its name, if this router took it and it was not settled. */
  Hold hold(String id) {
    return holds.get(id);
  }

  int openHolds() {
    return holds.size();
  }

  /** Gives back what nobody settled in time; settled later, it is debited in full. */
  int expire(long nanos) {
    int expired = 0;
    for (Iterator<Hold> all = holds.values().iterator(); all.hasNext(); ) {
      Hold hold = all.next();
      long age = nanos - hold.takenNanos;
      if (age >= hold.demand.ttl().toNanos()) {
        if (giveBack(hold, false)) {
          expired++;
        }
        all.remove();
      } else if (age >= MINUTE) {
        giveBack(hold, true);
      }
    }
    return expired;
  }

  private static boolean giveBack(Hold hold, boolean minutesOnly) {
    synchronized (hold.key.tenant) {
      if (hold.state != Hold.State.OPEN) {
        return false;
      }
      Share[] shares = hold.terms.shares;
      for (int at = 0; at < shares.length; at++) {
        Share share = shares[at];
        boolean minute = share.kind == Policy.Kind.MINUTE;
        boolean counted = share.kind == Policy.Kind.RPM || share.kind == Policy.Kind.RPD;
        if (counted || (minutesOnly && !minute)) {
          continue;
        }
        if (!share.hasWindow() || share.window.equals(hold.windows[at])) {
          share.held -= hold.amounts[at];
          share.balance += hold.amounts[at];
        }
        hold.amounts[at] = 0;
      }
      if (!minutesOnly) {
        hold.state = Hold.State.EXPIRED;
      }
      return !minutesOnly;
    }
  }

  // --- the store ---

  private long second(long nanos) {
    return (clock + (nanos - clockNanos) / MILLI) / 1_000;
  }

  String epoch() {
    return epoch;
  }

  boolean isWelcome() {
    return welcome;
  }

  long heardNanos() {
    return heardNanos;
  }

  /** Looks for what is due without having been asked for. Not on the path of a job. */
  void sweep(long nanos) {
    for (Iterator<Tenant> all = tenants.values().iterator(); all.hasNext(); ) {
      Tenant tenant = all.next();
      synchronized (tenant) {
        sweep(tenant.account, nanos);
        for (Iterator<Account> keys = tenant.keys.values().iterator(); keys.hasNext(); ) {
          Account key = keys.next();
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

  private void sweep(Account account, long nanos) {
    if (nanos - account.reportedNanos > REPORTED_EVERY && account.isDirty()) {
      queue(account);
      return;
    }
    for (Share share : account.shares.values()) {
      if (!share.local && share.balance > 0 && nanos - share.touchedNanos > IDLE) {
        queue(account);
        return;
      }
    }
  }

  private static boolean isForgotten(Account account, long nanos) {
    return nanos - account.touchedNanos > FORGOTTEN && !account.queued && account.isEmpty();
  }

  /** The first usage event that the store may not have heard of; what follows it must be kept. */
  long unreportedFrom() {
    long first = Long.MAX_VALUE;
    for (Tenant tenant : tenants.values()) {
      synchronized (tenant) {
        first = earlier(first, tenant.account);
        for (Account key : tenant.keys.values()) {
          first = earlier(first, key);
        }
      }
    }
    return first;
  }

  private static long earlier(long first, Account account) {
    return account.unreportedFrom > 0 ? Math.min(first, account.unreportedFrom) : first;
  }

  boolean hasDue() {
    return !due.isEmpty() || !inherited.isEmpty();
  }

  /**
   * The next call, or the one that was not answered yet. Without anything to say it still keeps the
   * lease.
   *
   * @param committedAll the last position of the spool that metering has not confirmed, 0 for none
   */
  LeaseCall compose(String freshEpoch, long committedAll, long nanos) {
    if (sent != null) {
      return sent.call;
    }
    if (!welcome) {
      LeaseCall hello =
          new LeaseCall(epoch, freshEpoch, ++calls, committedAll, clock, true, List.of());
      sent = new Sent(hello, nanos, List.of(), List.of());
      return hello;
    }
    List<Account> accounts = new ArrayList<>();
    List<Part[]> parts = new ArrayList<>();
    List<LeaseCall.Subject> subjects = new ArrayList<>();
    long second = second(nanos);
    Queue<Account> from = inherited.isEmpty() ? due : inherited;
    Account account;
    while (subjects.size() < MOST_SUBJECTS && (account = from.poll()) != null) {
      synchronized (account.tenant) {
        account.queued = false;
        LeaseCall.Subject subject = compose(account, parts, second, nanos);
        if (subject != null) {
          accounts.add(account);
          subjects.add(subject);
        }
      }
    }
    LeaseCall call =
        new LeaseCall(epoch, freshEpoch, ++calls, committedAll, clock, false, subjects);
    sent = new Sent(call, nanos, accounts, parts);
    return call;
  }

  private static LeaseCall.Subject compose(
      Account account, List<Part[]> parts, long second, long nanos) {
    List<LeaseCall.Wish> wishes = new ArrayList<>();
    List<Part> made = new ArrayList<>();
    long elapsed = Math.max(50 * MILLI, nanos - account.reportedNanos);
    for (Share share : account.shares.values()) {
      if (!share.local) {
        compose(share, wishes, made, elapsed, second, nanos);
      }
    }
    if (wishes.isEmpty()) {
      return null;
    }
    account.reportedNanos = nanos;
    account.recalled = false;
    Map<String, LeaseCall.Start> starts = new HashMap<>();
    if (account.seed != null) {
      for (Share share : account.shares.values()) {
        String what = share.what();
        if (share.isWindowed()) {
          starts.put(what, account.seed.of(what));
        }
      }
    }
    parts.add(made.toArray(Part[]::new));
    return new LeaseCall.Subject(account.subject, account.lastPosition, starts, wishes);
  }

  private static void compose(
      Share share,
      List<LeaseCall.Wish> wishes,
      List<Part> made,
      long elapsed,
      long second,
      long nanos) {
    long needed = share.pending;
    boolean idle = needed == 0 && nanos - share.touchedNanos > IDLE;
    boolean fresh = share.answeredNanos == 0;
    long free = Math.max(0, share.balance);
    long back = 0;
    if (share.stale || idle) {
      back = free;
    } else if (share.account.recalled) {
      back = Math.max(0, free - needed);
    }
    long stays = share.balance - back;
    long kept = share.isKept() ? Math.max(0, Math.min(stays / 2, stays - needed)) : 0;
    long need = Math.max(0, needed - (stays - kept));
    long want = 0;
    if (!idle && !share.account.recalled) {
      long target =
          share.kind == Policy.Kind.CONCURRENT
              ? share.mostHeld + share.mostHeld / 2 + 2 - share.held
              : fresh ? needed * 8 : times(share.taking, AHEAD, elapsed);
      want = Math.max(0, Math.min(target, Demand.MAX / 8) - Math.max(0, stays + need));
    }
    long has = share.balance + share.held + share.spent;
    share.balance -= back;
    share.kept = Math.max(share.kept, kept);
    made.add(new Part(share, share.spent, share.stampsCopy(), back, need));
    wishes.add(
        new LeaseCall.Wish(
            share.name,
            share.window,
            share.limit,
            share.report(second),
            back,
            need,
            want,
            kept,
            has));
    share.reported();
    share.taking = 0;
    share.mostHeld = share.held;
  }

  /** Amount times one span over another, without overflow. */
  private static long times(long amount, long span, long over) {
    return Math.min(Demand.MAX, amount * (span / MILLI) / Math.max(1, over / MILLI));
  }

  /** What an answer leaves to be done. */
  record Next(List<Account> toSeed, List<Tenant> answered, List<Tenant> later) {}

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
        clock(gone.clock(), nanos);
        welcome = false;
        yield new Next(List.of(), List.of(), List.of());
      }
      case LeaseReply.Welcome hello -> {
        welcomed(hello, nanos);
        yield new Next(List.of(), List.copyOf(tenants.values()), List.of());
      }
      case LeaseReply.Done done -> done(call, done, nanos);
    };
  }

  private void clock(long storeClock, long nanos) {
    clock = storeClock;
    clockNanos = nanos;
  }

  private void day(long tilDayMillis, long nanos) {
    dayEndsNanos = nanos + tilDayMillis * MILLI;
  }

  /** A store that knows nothing: nothing of what was out counts, only what runs. */
  private void begin(String fresh, long storeClock, long nanos) {
    epoch = fresh;
    clock(storeClock, nanos);
    welcome = false;
    unsure = null;
    for (Tenant tenant : tenants.values()) {
      synchronized (tenant) {
        tenant.fundingId = "";
        tenant.total = 0;
        reset(tenant.account);
        tenant.keys.values().forEach(this::reset);
      }
    }
  }

  private void reset(Account account) {
    boolean runs = false;
    account.seed = null;
    for (Share share : account.shares.values()) {
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
      queue(account);
    }
  }

  /** The call was not done: what it said is still to be said. */
  private static void unsend(Sent call, boolean done) {
    if (call == null || done) {
      return;
    }
    for (int at = 0; at < call.accounts.size(); at++) {
      synchronized (call.accounts.get(at).tenant) {
        for (Part part : call.parts.get(at)) {
          part.share.unreport(part.spent, part.stamps);
          part.share.balance += part.back;
        }
      }
    }
  }

  private void welcomed(LeaseReply.Welcome hello, long nanos) {
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
    clock(hello.clock(), nanos);
    day(hello.tilDayMillis(), nanos);
    for (Tenant tenant : tenants.values()) {
      synchronized (tenant) {
        adopt(tenant.account, hello.out().getOrDefault(tenant.account.subject, Map.of()));
        for (Account key : tenant.keys.values()) {
          adopt(key, hello.out().getOrDefault(key.subject, Map.of()));
        }
      }
    }
    welcome = true;
  }

  /** What is out to this router is what the store says it is. */
  private void adopt(Account account, Map<String, Long> out) {
    for (Share share : account.shares.values()) {
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
    queue(account);
  }

  /**
   * Takes over what an earlier life of this router left: what its spool says was used is reported,
   * the rest given back.
   */
  void inherit(LeaseReply.Welcome hello, List<UsageRecorded> spooled, long nanos) {
    lastPosition =
        Math.max(lastPosition, spooled.isEmpty() ? 0 : spooled.getLast().spoolPosition());
    for (Tenant tenant : tenants.values()) {
      synchronized (tenant) {
        tenant.account.lastPosition = Math.max(tenant.account.lastPosition, lastPosition);
        tenant
            .keys
            .values()
            .forEach(key -> key.lastPosition = Math.max(key.lastPosition, lastPosition));
      }
    }
    hello
        .out()
        .forEach(
            (subject, amounts) -> {
              Account account = new Account(new Tenant("~" + subject, 0), subject, 0);
              long since = hello.positions().getOrDefault(subject, 0L);
              List<UsageRecorded> own =
                  spooled.stream()
                      .filter(event -> event.spoolPosition() > since && isOf(subject, event))
                      .toList();
              amounts.forEach(
                  (field, has) -> {
                    Share share = Share.inherited(account, field);
                    account.shares.put(share.name, share);
                    long used =
                        share.looksBack()
                            ? has
                            : own.stream().mapToLong(event -> used(share, event)).sum();
                    share.spend(used, second(nanos));
                    share.balance = has - used;
                    share.touchedNanos = nanos - IDLE - 1;
                  });
              own.forEach(event -> told(account, event.spoolPosition()));
              inherited.add(account);
            });
  }

  private static boolean isOf(String subject, UsageRecorded event) {
    String id = subject.substring(2);
    return subject.charAt(0) == 't' ? id.equals(event.tenantId()) : id.equals(event.keyId());
  }

  private static long used(Share share, UsageRecorded event) {
    String day = event.occurredAt().toString();
    if (share.kind == Policy.Kind.CONCURRENT || !day.startsWith(share.window)) {
      return 0;
    }
    if (share.kind == Policy.Kind.RPD) {
      return event.sequence() == 0 ? 1 : 0;
    }
    return share.ofMoney ? event.estimatedCost().nanos() : event.units().get(share.unit);
  }

  private static String field(Share share) {
    return share.hasWindow()
        ? share.name.charAt(0) + "." + share.window + share.name.substring(1)
        : share.name;
  }

  private Next done(Sent call, LeaseReply.Done done, long nanos) {
    clock(done.clock(), nanos);
    day(done.tilDayMillis(), nanos);
    uncommitted = done.uncommitted();
    List<Account> toSeed = new ArrayList<>();
    List<Tenant> answered = new ArrayList<>();
    List<Tenant> later = new ArrayList<>();
    for (int at = 0; at < call.accounts.size(); at++) {
      Account account = call.accounts.get(at);
      LeaseReply.Subject subject = done.subjects().get(at);
      synchronized (account.tenant) {
        apply(account, call.parts.get(at), subject, call.nanos, nanos);
        if (subject.status() == LeaseReply.Status.OK) {
          account.seed = null;
          account.unreportedFrom = 0;
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
      Account account, Part[] parts, LeaseReply.Subject subject, long askedNanos, long nanos) {
    for (int at = 0; at < parts.length; at++) {
      Share share = parts[at].share;
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
        share.stale = false;
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
      Tenant tenant = tenants.get(id);
      if (tenant != null) {
        synchronized (tenant) {
          recall(tenant.account);
        }
      }
      return;
    }
    for (Tenant tenant : tenants.values()) {
      synchronized (tenant) {
        Account key = tenant.keys.get(id);
        if (key != null) {
          recall(key);
          return;
        }
      }
    }
  }

  private void recall(Account account) {
    for (Share share : account.shares.values()) {
      if (!share.local && share.balance > share.pending) {
        account.recalled = true;
        queue(account);
        return;
      }
    }
  }

  // --- those who wait ---

  /** What became of those who waited for a tenant's shares. */
  record Resolved(
      List<Waiting> done, List<Outcome> outcomes, List<Waiting> needMoney, List<Waiting> later) {}

  /**
   * Decides those who waited, in the order they came.
   *
   * @param patience nanoseconds after which one who waits is told to come back
   */
  Resolved resolve(Tenant tenant, long patience, long nanos) {
    List<Waiting> done = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    List<Waiting> needMoney = new ArrayList<>();
    List<Waiting> later = new ArrayList<>();
    synchronized (tenant) {
      for (Waiting waiting : tenant.waiting.toArray(NOBODY)) {
        Demand demand = waiting.demand;
        Account key = tenant.key(demand.keyId(), lastPosition);
        Terms terms = terms(tenant, key, demand);
        Outcome outcome = null;
        Share missing = missing(terms, demand, nanos);
        if (missing == null) {
          outcome =
              new Outcome.Admitted(
                  take(tenant, key, terms, demand, nanos), standing(terms, demand, nanos));
        } else if (nanos - waiting.sinceNanos > patience) {
          outcome = unavailable();
        } else if (waiting.refilling) {
          continue;
        } else if (isAllKnown(terms, nanos)) {
          outcome = shortOf(tenant, terms, waiting, needMoney, later, nanos);
          if (outcome == null && !needMoney.contains(waiting) && !later.contains(waiting)) {
            ask(tenant, key);
          }
        } else {
          ask(tenant, key);
        }
        if (outcome != null) {
          leave(tenant, waiting, terms);
          done.add(waiting);
          outcomes.add(outcome);
        }
      }
    }
    return new Resolved(done, outcomes, needMoney, later);
  }

  private boolean isAllKnown(Terms terms, long nanos) {
    for (Share share : terms.shares) {
      if (!share.local && !isKnown(share, nanos)) {
        return false;
      }
    }
    return true;
  }

  /** A share is too small although the store was asked: no, or not yet. */
  private Outcome shortOf(
      Tenant tenant,
      Terms terms,
      Waiting waiting,
      List<Waiting> needMoney,
      List<Waiting> later,
      long nanos) {
    Demand demand = waiting.demand;
    boolean elsewhere = false;
    boolean limit = false;
    for (Share share : terms.shares) {
      long lacks = share.need(demand) - share.spendable();
      if (lacks <= 0) {
        continue;
      }
      if (!share.local && share.answeredNanos - waiting.askedNanos < 0) {
        // That answer was to somebody else's question.
        return null;
      }
      if (share.elsewhere >= lacks) {
        elsewhere = true;
      } else if (!share.isMoney()) {
        limit = true;
      }
    }
    if (limit) {
      return refusal(terms, demand, nanos);
    }
    if (elsewhere && !waiting.recalled) {
      waiting.recalled = true;
      later.add(waiting);
      return null;
    }
    Share money = tenant.money;
    if (terms.prepaid && money.spendable() < money.need(demand)) {
      if (waiting.refilled) {
        return refusal(terms, demand, nanos);
      }
      needMoney.add(waiting);
      return null;
    }
    if (++waiting.answers < 4) {
      return null;
    }
    return refusal(terms, demand, nanos);
  }

  /** Ends somebody's waiting without an answer of the store. */
  boolean giveUp(Waiting waiting) {
    Tenant tenant = tenants.get(waiting.demand.tenantId());
    if (tenant == null) {
      return false;
    }
    synchronized (tenant) {
      if (!tenant.waiting.contains(waiting)) {
        return false;
      }
      leave(
          tenant,
          waiting,
          terms(tenant, tenant.key(waiting.demand.keyId(), lastPosition), waiting.demand));
      return true;
    }
  }

  private static void leave(Tenant tenant, Waiting waiting, Terms terms) {
    tenant.waiting.remove(waiting);
    for (Share share : terms.shares) {
      share.pending = Math.max(0, share.pending - share.need(waiting.demand));
    }
    if (tenant.waiting.isEmpty()) {
      tenant.money.pending = 0;
      tenant.account.shares.values().forEach(share -> share.pending = 0);
      tenant.keys.values().forEach(key -> key.shares.values().forEach(share -> share.pending = 0));
    }
  }

  /** Asks for an account's shares again. */
  void askFor(Account account) {
    synchronized (account.tenant) {
      queue(account);
    }
  }

  /** From now on nothing is kept for jobs to come. */
  void giveAllBack(long nanos) {
    for (Tenant tenant : tenants.values()) {
      synchronized (tenant) {
        giveBack(tenant.account, nanos);
        tenant.keys.values().forEach(key -> giveBack(key, nanos));
      }
    }
  }

  private void giveBack(Account account, long nanos) {
    account.shares.values().forEach(share -> share.touchedNanos = nanos - IDLE - 1);
    queue(account);
  }

  /** Asks for a waiting job's shares again; only what is answered from now on counts. */
  void askAgain(Waiting waiting, long nanos) {
    Tenant tenant = tenants.get(waiting.demand.tenantId());
    if (tenant != null) {
      synchronized (tenant) {
        waiting.askedNanos = nanos;
        waiting.refilling = false;
        ask(tenant, tenant.key(waiting.demand.keyId(), lastPosition));
      }
    }
  }

  Iterable<Tenant> tenants() {
    return tenants.values();
  }

  Map<String, Long> uncommitted() {
    return uncommitted;
  }

  /** Of money: what neither this router nor another one has. */
  long inPool(String tenantId) {
    Tenant tenant = tenants.get(tenantId);
    return tenant == null ? 0 : tenant.inPool;
  }

  NanoUsd total(String tenantId) {
    Tenant tenant = tenants.get(tenantId);
    return NanoUsd.ofNanos(tenant == null ? 0 : tenant.total);
  }
}
