package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.metering.Unit;
import java.util.ArrayList;
import java.util.List;

/**
 * What this router may use of one limited amount of a key or tenant, without asking. Guarded by its
 * tenant's lock.
 *
 * <p>{@code balance + held + spent} is what the store counts as out to this router. Of the balance,
 * {@code kept} must not be touched before the store has answered: should this router die, that part
 * is free again for others, and only that part.
 */
final class QuotaLease {
  /** Seconds of use that are reported apart; older ones are joined to the oldest. */
  private static final int MOST_STAMPS = 64;

  static final String MONEY = "money";

  final SubjectQuotas account;

  /** As the store calls it: {@code rpm}, {@code c}, {@code d.pixels}, {@code money}. */
  final String name;

  final Policy.Kind kind;
  final Unit unit;
  final boolean ofMoney;

  /** Never leased: counted in this router alone. */
  final boolean local;

  /** The day or month it belongs to; empty when it has none. */
  String window = "";

  /** How many windows it has had: one that comes again, where a clock was set, is another one. */
  long windows;

  long limit;
  long balance;
  long held;
  long kept;
  long spent;

  /** As the store last said: used and out of all routers together, this one's share included. */
  long taken;

  /** The balance when it said so, and since when its answer counts. */
  long resetMillis;

  long answeredNanos;
  long elsewhere;

  /** Limits have changed: nothing may be taken before the store has answered. */
  boolean stale;

  /** No limit of now counts it: given back, and gone once nothing is out. */
  boolean unbound;

  /** Something was used that it did not count: its counter begins anew. */
  boolean missed;

  /** Nothing of at least so much is to be had until then. */
  long deniedNeed = Long.MAX_VALUE;

  long deniedUntilNanos;

  /** Taken since the last report, and for one job at most; they size the next share. */
  long taking;

  long largest;

  long mostHeld;
  long touchedNanos;

  /** What those who wait for the store need of it together. */
  long pending;

  private long[] stampSeconds;
  private long[] stampAmounts;
  private int stamps;

  QuotaLease(SubjectQuotas account, Policy policy, boolean local) {
    this(account, name(policy), policy.kind(), policy.what(), local);
    this.limit = policy.limit();
    if (local) {
      balance = limit;
      taken = limit;
    }
  }

  private QuotaLease(SubjectQuotas account, String name, Policy.Kind kind, String what, boolean local) {
    this.account = account;
    this.name = name;
    this.kind = kind;
    this.ofMoney = what.equals(Cap.MONEY);
    this.unit = what.isEmpty() || ofMoney ? null : Unit.of(what);
    this.local = local;
    if (looksBack()) {
      stampSeconds = new long[MOST_STAMPS];
      stampAmounts = new long[MOST_STAMPS];
    }
  }

  /** The tenant's pool of money: limited by what is there, not by a policy. */
  static QuotaLease ofMoney(SubjectQuotas account) {
    QuotaLease share = new QuotaLease(account, MONEY, Policy.Kind.LIFETIME, Cap.MONEY, false);
    share.limit = ReservationRequest.MAX;
    return share;
  }

  /**
   * What an earlier life of this router left: only to be reported and given back.
   *
   * @param field as the store has it, with its window in it
   */
  static QuotaLease inherited(SubjectQuotas account, String field) {
    String kind = field.substring(0, field.indexOf('.') < 0 ? field.length() : field.indexOf('.'));
    boolean dated = kind.equals("d") || kind.equals("m");
    int end = dated ? field.indexOf('.', 2) : -1;
    String name = dated ? kind + field.substring(end) : field;
    Policy.Kind like =
        switch (kind) {
          case "rpm" -> Policy.Kind.RPM;
          case "u" -> Policy.Kind.MINUTE;
          case "c" -> Policy.Kind.CONCURRENT;
          case "d" -> name.equals("d.starts") ? Policy.Kind.RPD : Policy.Kind.DAY;
          case "m" -> Policy.Kind.MONTH;
          default -> Policy.Kind.LIFETIME;
        };
    String what = name.indexOf('.') < 0 || name.equals("d.starts") ? "" : name.substring(2);
    QuotaLease share = new QuotaLease(account, name, like, name.equals(MONEY) ? Cap.MONEY : what, false);
    share.window = dated ? field.substring(2, end) : "";
    share.limit = ReservationRequest.MAX;
    return share;
  }

  static String name(Policy policy) {
    return switch (policy.kind()) {
      case RPM -> "rpm";
      case RPD -> "d.starts";
      case CONCURRENT -> "c";
      case MINUTE -> "u." + policy.what();
      case DAY -> "d." + policy.what();
      case MONTH -> "m." + policy.what();
      case LIFETIME -> "l." + policy.what();
    };
  }

  boolean isMoney() {
    return name.equals(MONEY);
  }

  /** A minute is looked back, and when something was used counts. */
  boolean looksBack() {
    return kind == Policy.Kind.RPM || kind == Policy.Kind.MINUTE;
  }

  /** What is left of it is nobody's when its window is over. */
  boolean isWindowed() {
    return !isMoney() && (name.startsWith("d.") || name.startsWith("m.") || name.startsWith("l."));
  }

  boolean hasWindow() {
    return name.startsWith("d.") || name.startsWith("m.");
  }

  /** Part of it must outlive this router's death. */
  boolean isKept() {
    return isMoney() || isWindowed();
  }

  /** The share of it that a job asks for. */
  long need(ReservationRequest demand) {
    if (unit != null) {
      return demand.units().get(unit);
    }
    if (ofMoney) {
      return demand.cost().nanos();
    }
    boolean counts = kind == Policy.Kind.CONCURRENT ? demand.takesPlace() : demand.isRequest();
    return counts ? 1 : 0;
  }

  long spendable() {
    return balance - kept;
  }

  /**
   * True when the next share should be asked for: the next job may not find enough. What was taken
   * since the last one foretells how long this one lasts, save for jobs at once: those come back,
   * and only their peak tells.
   */
  boolean isRunningLow() {
    return spendable()
        < (kind == Policy.Kind.CONCURRENT ? mostHeld / 4 : Math.max(taking / 4, largest));
  }

  /** Takes for a job that begins now. */
  void take(long need, long second) {
    balance -= need;
    taking += need;
    largest = Math.max(largest, need);
    if (kind == Policy.Kind.RPM) {
      spend(need, second);
    } else if (kind == Policy.Kind.RPD) {
      spent += need;
    } else {
      held += need;
      mostHeld = Math.max(mostHeld, held);
    }
  }

  /** Used for good. */
  void spend(long amount, long second) {
    spent += amount;
    if (!looksBack() || amount <= 0) {
      return;
    }
    if (stamps > 0 && stampSeconds[stamps - 1] >= second) {
      stampAmounts[stamps - 1] += amount;
      return;
    }
    if (stamps == MOST_STAMPS) {
      // Counted as used later than it was: never too little.
      stampAmounts[1] += stampAmounts[0];
      System.arraycopy(stampSeconds, 1, stampSeconds, 0, stamps - 1);
      System.arraycopy(stampAmounts, 1, stampAmounts, 0, stamps - 1);
      stamps--;
    }
    stampSeconds[stamps] = second;
    stampAmounts[stamps] = amount;
    stamps++;
  }

  /** What is to be reported: an amount, or ages in seconds with amounts. */
  String report(long second) {
    if (!looksBack()) {
      return Long.toString(spent);
    }
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < stamps; at++) {
      if (at > 0) {
        text.append(',');
      }
      text.append(Math.max(0, second - stampSeconds[at])).append(':').append(stampAmounts[at]);
    }
    return text.toString();
  }

  /** The stamps as they are, should the report not arrive. */
  List<Stamp> stampsCopy() {
    if (stamps == 0) {
      return List.of();
    }
    List<Stamp> copy = new ArrayList<>(stamps);
    for (int at = 0; at < stamps; at++) {
      copy.add(new Stamp(stampSeconds[at], stampAmounts[at]));
    }
    return copy;
  }

  /** What was used in a second. */
  record Stamp(long second, long amount) {}

  /** A report that did not arrive is still to be made. */
  void unreport(long amount, List<Stamp> of) {
    if (of.isEmpty()) {
      spent += amount;
      return;
    }
    List<Stamp> newer = stampsCopy();
    long since = spent;
    reported();
    of.forEach(stamp -> spend(stamp.amount(), stamp.second()));
    newer.forEach(stamp -> spend(stamp.amount(), stamp.second()));
    spent = since + amount;
  }

  /** A unit's wire name, or what else is counted. */
  String what() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** Counted no more, and nothing of it is out. */
  boolean isDone() {
    return unbound && balance == 0 && held == 0 && spent == 0;
  }

  /** Forgets what was just put into a report; what is used from now on is a new one. */
  void reported() {
    spent = 0;
    stamps = 0;
  }

  /** A window that is over takes its share with it. */
  void roll(String to) {
    window = to;
    windows++;
    balance = 0;
    held = 0;
    kept = 0;
    spent = 0;
    taken = 0;
    deniedUntilNanos = 0;
  }

  /** Policies see what is left: of the limit, what neither was used nor is with others. */
  long remaining(long ofLimit) {
    return Math.max(0, ofLimit - taken + balance);
  }
}
