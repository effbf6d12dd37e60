package io.naap.router.admission;

import io.naap.contracts.keys.Cap;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Admission in plain Java: what the scripts must do, for one key and one tenant. */
final class AdmissionModel {
  private record Hold(Units units, long cost, long expires) {}

  private final List<Long> starts = new ArrayList<>();
  private final Map<String, Hold> held = new HashMap<>();
  private final Map<String, Boolean> ended = new HashMap<>();
  private final Map<String, Long> used = new HashMap<>();
  private long dayStarts;
  long available;

  String admit(Demand demand, long now) {
    if (held.containsKey(demand.hold()) || ended.containsKey(demand.hold())) {
      return "Taken";
    }
    starts.removeIf(at -> at <= now - 60_000);
    long running = held.values().stream().filter(hold -> hold.expires > now).count();
    boolean limited =
        starts.size() + 1 > demand.limits().requestsPerMinute().orElse(Long.MAX_VALUE)
            || dayStarts + 1 > demand.limits().requestsPerDay().orElse(Long.MAX_VALUE)
            || running + 1 > demand.limits().concurrentRequests().orElse(Long.MAX_VALUE);
    for (Cap cap : demand.limits().caps()) {
      long need = amount(cap.what(), demand.units(), demand.cost().nanos());
      limited |= need > 0 && used.getOrDefault(cap.what(), 0L) + need > cap.limit();
    }
    if (limited) {
      return "Limited";
    }
    if (available < demand.cost().nanos()) {
      return "MoneyShort";
    }
    starts.add(now);
    dayStarts++;
    available -= demand.cost().nanos();
    add(demand.units(), demand.cost().nanos(), 1);
    held.put(
        demand.hold(),
        new Hold(demand.units(), demand.cost().nanos(), now + demand.ttl().toMillis()));
    return "Taken";
  }

  void settle(String name, Units units, long cost) {
    Hold hold = held.remove(name);
    boolean expired = hold == null && Boolean.TRUE.equals(ended.get(name));
    if (hold != null) {
      available += hold.cost;
      add(hold.units, hold.cost, -1);
    }
    if (hold != null || expired) {
      available -= cost;
      add(units, cost, 1);
      ended.put(name, false);
    }
  }

  void sweep(long now) {
    for (Map.Entry<String, Hold> entry : List.copyOf(held.entrySet())) {
      if (entry.getValue().expires <= now) {
        held.remove(entry.getKey());
        ended.put(entry.getKey(), true);
        available += entry.getValue().cost;
        add(entry.getValue().units, entry.getValue().cost, -1);
      }
    }
  }

  private void add(Units units, long cost, int sign) {
    units
        .amounts()
        .forEach((unit, amount) -> used.merge(unit.wireName(), sign * amount, Long::sum));
    used.merge(Cap.MONEY, sign * cost, Long::sum);
  }

  private static long amount(String what, Units units, long cost) {
    return what.equals(Cap.MONEY) ? cost : units.get(Unit.of(what));
  }
}
