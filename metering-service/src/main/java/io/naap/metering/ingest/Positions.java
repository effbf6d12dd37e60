package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.metering.period.Period;
import io.naap.metering.plan.Assignments;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The period positions of a batch's tenants, for plans whose prices depend on the position. {@code
 * lock} locks their rows in Postgres in one order before the batch is rated, {@code store} writes
 * them back in the same transaction: so events of one tenant are rated one after the other across
 * all replicas.
 */
final class Positions {
  private record Place(String tenantId, Period period, String plan) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int first = tenantId.compareTo(other.tenantId);
      int second = first != 0 ? first : period.start().compareTo(other.period.start());
      return second != 0 ? second : plan.compareTo(other.plan);
    }
  }

  private record Trial(Instant until, Optional<NanoUsd> left) {}

  private final Assignments assignments;
  private final Map<Place, Plan> wanted = new TreeMap<>();
  private final Map<String, Place> places = new HashMap<>();
  private final Map<Place, PeriodUsage> positions = new HashMap<>();
  private final Map<String, Trial> trials = new HashMap<>();
  private final Map<String, NanoUsd> budgets = new TreeMap<>();
  private final Map<String, NanoUsd> spent = new TreeMap<>();

  Positions(Assignments assignments) {
    this.assignments = assignments;
  }

  /** Registers the position and the sponsors' budgets that an event needs, to be locked. */
  void want(UsageRecorded event, Plan plan, Period period) {
    Place place = new Place(event.tenantId(), period, plan.reference());
    wanted.put(place, plan);
    places.put(event.eventId(), place);
    for (Charge charge : plan.charges()) {
      if (charge instanceof Charge.Grant grant) {
        budgets.put(grant.budgetId(), NanoUsd.ZERO);
      }
    }
  }

  boolean isWanted(UsageRecorded event) {
    return places.containsKey(event.eventId());
  }

  /** Removes an event that is stored already, so that it does not move the position again. */
  void forget(String eventId) {
    places.remove(eventId);
  }

  /**
   * Locks and reads the registered positions, trials and budgets; creates positions and trials that
   * do not exist.
   */
  void lock(Tx tx) {
    for (Map.Entry<Place, Plan> one : wanted.entrySet()) {
      Place place = one.getKey();
      PeriodUsage start =
          PeriodUsage.START.withShare(
              assignments.share(tx, place.tenantId, one.getValue(), place.period));
      tx.change(
          "insert into tenant_position (tenant_id, period_start, plan, position)"
              + " values ($1, $2, $3, $4::text::jsonb) on conflict do nothing",
          place.tenantId,
          place.period.start().atOffset(ZoneOffset.UTC),
          place.plan,
          text(start));
      Row row =
          tx.one(
                  "select position::text from tenant_position"
                      + " where tenant_id = $1 and period_start = $2 and plan = $3 for update",
                  place.tenantId,
                  place.period.start().atOffset(ZoneOffset.UTC),
                  place.plan)
              .orElseThrow();
      positions.put(place, position(row.getString(0)));
      if (one.getValue().terms().trial().isPresent()) {
        assignments
            .trial(tx, place.tenantId, one.getValue())
            .ifPresent(trial -> trials.put(trialOf(place), new Trial(trial.until(), trial.left())));
      }
    }
    for (String budget : budgets.keySet()) {
      tx.one("select total - spent as left from budget where id = $1 for update", budget)
          .ifPresent(row -> budgets.put(budget, NanoUsd.ofNanos(row.getLong("left"))));
    }
  }

  private static String trialOf(Place place) {
    return place.tenantId + '\n' + place.plan.substring(0, place.plan.lastIndexOf('@'));
  }

  /** The position of the event's period before the event. */
  PeriodUsage before(UsageRecorded event) {
    Place place = places.get(event.eventId());
    Trial trial = trials.get(trialOf(place));
    Optional<NanoUsd> left =
        trial != null && event.occurredAt().isBefore(trial.until)
            ? Optional.of(trial.left.orElse(NanoUsd.ofNanos(Long.MAX_VALUE)))
            : Optional.empty();
    Map<String, NanoUsd> known = new TreeMap<>();
    for (Charge charge : wanted.get(place).charges()) {
      if (charge instanceof Charge.Grant grant) {
        known.put(grant.budgetId(), budgets.get(grant.budgetId()));
      }
    }
    return positions.get(place).withTrialLeft(left).withBudgets(known);
  }

  /**
   * Sets the position of the event's period to the one after the event, and takes the sponsor's
   * part from its budget.
   */
  void after(UsageRecorded event, Rated.Priced rated) {
    Place place = places.get(event.eventId());
    PeriodUsage after = rated.after();
    positions.put(place, after.withTrialLeft(Optional.empty()).withBudgets(Map.of()));
    Trial trial = trials.get(trialOf(place));
    if (trial != null && trial.left.isPresent() && after.trialLeft().isPresent()) {
      trials.put(trialOf(place), new Trial(trial.until, after.trialLeft()));
    }
    rated
        .sponsored()
        .ifPresent(
            part -> {
              budgets.merge(part.budgetId(), part.amount().negated(), NanoUsd::plus);
              spent.merge(part.budgetId(), part.amount(), NanoUsd::plus);
            });
  }

  /** Writes the positions, trials and spent budgets to Postgres. */
  void store(Tx tx) {
    wanted
        .keySet()
        .forEach(
            place ->
                tx.change(
                    "update tenant_position set position = $4::text::jsonb"
                        + " where tenant_id = $1 and period_start = $2 and plan = $3",
                    place.tenantId,
                    place.period.start().atOffset(ZoneOffset.UTC),
                    place.plan,
                    text(positions.get(place))));
    trials.forEach(
        (key, trial) ->
            trial.left.ifPresent(
                left ->
                    tx.change(
                        "update tenant_trial set left_nanos = $3 where tenant_id = $1 and plan_id = $2",
                        key.substring(0, key.indexOf('\n')),
                        key.substring(key.indexOf('\n') + 1),
                        left.nanos())));
    spent.forEach(
        (budget, amount) ->
            tx.change(
                "update budget set spent = spent + $2 where id = $1", budget, amount.nanos()));
  }

  private static String text(PeriodUsage position) {
    return Json.write(position);
  }

  private static PeriodUsage position(String text) {
    return Json.read(text, PeriodUsage.class);
  }
}
