package io.naap.router.admission.quota;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.metering.Unit;
import io.naap.router.limit.Policy;

/**
 * What a lease counts.
 *
 * @param name as Redis names it: {@code rpm}, {@code c}, {@code d.pixels}, {@code money}
 * @param unit null for money and for limits that count requests
 * @param ofMoney it counts nano-dollars: the tenant's pool of money, or a cap on money
 * @param local never leased: counted in this router alone
 */
public record LimitedAmount(
    String name, Policy.Kind kind, Unit unit, boolean ofMoney, boolean local) {
  /** The name of a tenant's pool of money. */
  public static final String MONEY = "money";

  /** Limited by what is in the pool, not by a policy. */
  static final LimitedAmount POOL = of(MONEY, Policy.Kind.LIFETIME, Cap.MONEY, false);

  private static LimitedAmount of(String name, Policy.Kind kind, String what, boolean local) {
    boolean money = what.equals(Cap.MONEY);
    return new LimitedAmount(
        name, kind, what.isEmpty() || money ? null : Unit.of(what), money, local);
  }

  /** What a policy limits. */
  static LimitedAmount of(Policy policy) {
    String name =
        switch (policy.kind()) {
          case RPM -> "rpm";
          case RPD -> "d.starts";
          case CONCURRENT -> "c";
          case MINUTE -> "u." + policy.what();
          case DAY -> "d." + policy.what();
          case MONTH -> "m." + policy.what();
          case LIFETIME -> "l." + policy.what();
        };
    return of(name, policy.kind(), policy.what(), policy.local());
  }

  /**
   * What a field of Redis counts.
   *
   * @param field with its window in it, if it has one
   */
  static LimitedAmount ofField(String field) {
    String window = windowOf(field);
    String name = window.isEmpty() ? field : field.charAt(0) + field.substring(2 + window.length());
    Policy.Kind kind =
        switch (name.indexOf('.') < 0 ? name : name.substring(0, name.indexOf('.'))) {
          case "rpm" -> Policy.Kind.RPM;
          case "u" -> Policy.Kind.MINUTE;
          case "c" -> Policy.Kind.CONCURRENT;
          case "d" -> name.equals("d.starts") ? Policy.Kind.RPD : Policy.Kind.DAY;
          case "m" -> Policy.Kind.MONTH;
          default -> Policy.Kind.LIFETIME;
        };
    String what = name.indexOf('.') < 0 || kind == Policy.Kind.RPD ? "" : name.substring(2);
    return of(name, kind, name.equals(MONEY) ? Cap.MONEY : what, false);
  }

  /** The day or month in a field's name; empty when there is none. */
  static String windowOf(String field) {
    return field.startsWith("d.") || field.startsWith("m.")
        ? field.substring(2, field.indexOf('.', 2))
        : "";
  }

  /** As Redis names it in one of its windows. */
  String field(String window) {
    return hasWindow() ? name.charAt(0) + "." + window + name.substring(1) : name;
  }

  /** A unit's wire name, or what else is counted. */
  String what() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** It is the tenant's pool of money. */
  public boolean isMoney() {
    return name.equals(MONEY);
  }

  /** It counts the last sixty seconds, so when something was used matters. */
  public boolean isPerMinute() {
    return kind == Policy.Kind.RPM || kind == Policy.Kind.MINUTE;
  }

  /** It counts requests as they begin: nothing of it comes back when a job ends. */
  boolean isCountedAtStart() {
    return kind == Policy.Kind.RPM || kind == Policy.Kind.RPD;
  }

  /** It is counted for each day or month. */
  public boolean hasWindow() {
    return name.startsWith("d.") || name.startsWith("m.");
  }

  /** Its counter begins with what metering has stored; unused quota expires with its window. */
  boolean isWindowed() {
    return hasWindow() || name.startsWith("l.");
  }

  /** How much of it a job asks for. */
  public long need(ReservationRequest request) {
    if (unit != null) {
      return request.units().get(unit);
    }
    if (ofMoney) {
      return request.cost().nanos();
    }
    boolean counts = kind == Policy.Kind.CONCURRENT ? request.takesSlot() : request.isRequest();
    return counts ? 1 : 0;
  }
}
