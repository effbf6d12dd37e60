package io.naap.metering.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.PlanAccess;
import io.naap.contracts.rating.Terms;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads and adds plan versions in Postgres. A stored version never changes, so it is read once and
 * kept in memory. A new version is announced to routers in the same transaction.
 */
@ApplicationScoped
public class PlanVersions {
  private static final String VERSION =
      """
      select p.id, v.version, v.name, v.prepaid, v.tier, v.tiers, v.charges::text charges, v.terms::text terms,
        v.limits::text limits, v.capabilities, v.models, v.price_book, p.tenant_id, p.base_id, v.effective_from
      from plan p join plan_version v on v.plan_id = p.id\
      """;

  /** The version of each plan that is in force at $1. */
  private static final String IN_FORCE =
      VERSION
          + '\n'
          + """
          where v.version = (select version from plan_version where plan_id = p.id and effective_from <= $1
            order by effective_from desc, version desc limit 1)\
          """;

  private final Transactions transactions;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;

  /** Plan versions by reference, {@code pln_...@3}; as many as events or queries ever named. */
  private final Map<String, Plan> versions = new ConcurrentHashMap<>();

  /** The default plan, as it was read last. */
  private volatile DefaultPlan defaultPlan;

  PlanVersions(Transactions transactions, Outbox outbox, Ids ids, Clock clock) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  /** A list of charges as it is stored in Postgres. */
  public record StoredCharges(List<Charge> charges) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public StoredCharges {
      charges = List.copyOf(charges);
    }
  }

  /** Returns the plans in force that are offered to everybody or private to the tenant. */
  List<OfferedPlan> offered(Optional<String> tenantId, boolean all) {
    return transactions
        .run(
            tx ->
                tx.query(
                    IN_FORCE + " and ($2 or p.tenant_id is null or p.tenant_id = $3) order by p.id",
                    now(),
                    all,
                    tenantId.orElse(null)))
        .stream()
        .map(PlanVersions::offered)
        .toList();
  }

  Optional<OfferedPlan> find(String id) {
    return transactions.run(tx -> inForce(tx, id));
  }

  Optional<OfferedPlan> inForce(Tx tx, String id) {
    return tx.one(IN_FORCE + " and p.id = $2", now(), id).map(PlanVersions::offered);
  }

  /** Returns a page of the versions of a plan, the newest first. */
  Page<OfferedPlan> history(String id, PageRequest page) {
    long before = page.after().map(end -> end.number(0)).orElse((long) Integer.MAX_VALUE);
    return Page.of(
        transactions
            .run(
                tx ->
                    tx.query(
                        VERSION
                            + " where p.id = $1 and v.version < $2 order by v.version desc limit"
                            + " $3",
                        id,
                        Math.toIntExact(Math.min(before, Integer.MAX_VALUE)),
                        page.oneMore()))
            .stream()
            .map(PlanVersions::offered)
            .toList(),
        page.size(),
        version -> Cursor.of(version.version()));
  }

  /**
   * Returns the plan that applies to a tenant at an instant: the assigned one, or the default plan
   * when none is assigned.
   */
  public OfferedPlan of(Tx tx, String tenantId, Instant at) {
    return tx.one(
            IN_FORCE
                + '\n'
                + """
                and p.id = coalesce(
                 (select plan_id from tenant_assignment where tenant_id = $2 and effective_from <= $1
                   order by effective_from desc limit 1),
                 (select id from plan where is_default))\
                """,
            at.atOffset(ZoneOffset.UTC),
            tenantId)
        .map(PlanVersions::offered)
        .orElseThrow(() -> new IllegalStateException("there is no default plan"));
  }

  /**
   * Returns the default plan at an instant. It is cached for five seconds, as callers ask for the
   * same instant for many tenants.
   */
  public OfferedPlan defaultAt(Tx tx, Instant at) {
    DefaultPlan known = defaultPlan;
    if (known == null
        || !known.at.equals(at)
        || known.readAt.plusSeconds(5).isBefore(clock.instant())) {
      known = new DefaultPlan(at, clock.instant(), of(tx, "", at));
      defaultPlan = known;
    }
    return known.plan;
  }

  private record DefaultPlan(Instant at, Instant readAt, OfferedPlan plan) {}

  /** The version an event names, {@code pln_...@3}. */
  public Optional<Plan> version(String reference) {
    return transactions.run(tx -> version(tx, reference));
  }

  /** The version an event names, {@code pln_...@3}. */
  public Optional<Plan> version(Tx tx, String reference) {
    Plan known = versions.get(reference);
    if (known != null) {
      return Optional.of(known);
    }
    int at = reference.lastIndexOf('@');
    if (at < 1 || !reference.substring(at + 1).matches("[0-9]{1,9}")) {
      return Optional.empty();
    }
    Optional<Plan> found =
        tx.one(
                VERSION + " where v.plan_id = $1 and v.version = $2",
                reference.substring(0, at),
                Integer.valueOf(reference.substring(at + 1)))
            .map(PlanVersions::offered)
            .map(OfferedPlan::plan);
    found.ifPresent(plan -> versions.put(reference, plan));
    return found;
  }

  /** Returns the newest version of a plan, even when it is not in force yet. */
  Optional<OfferedPlan> newest(Tx tx, String id) {
    return tx.one(VERSION + " where p.id = $1 order by v.version desc limit 1", id)
        .map(PlanVersions::offered);
  }

  /** Returns the version of a plan with a number. */
  OfferedPlan version(Tx tx, String id, int version) {
    return tx.one(VERSION + " where v.plan_id = $1 and v.version = $2", id, version)
        .map(PlanVersions::offered)
        .orElseThrow();
  }

  /** Stores a version under the plan's next number and announces it to routers. */
  OfferedPlan add(Tx tx, OfferedPlan plan, List<Charge> own, Optional<OverrideRequest> override) {
    if (plan.charges().isEmpty()) {
      throw Refusal.invalid("A plan has at least one charge.").raise();
    }
    checkGrants(tx, plan.charges());
    if (!plan.access().prepaid()
        && plan.charges().stream().anyMatch(Charge.Credits.class::isInstance)) {
      throw Refusal.invalid("Credits are paid in advance: the plan must be prepaid.").raise();
    }
    int version =
        tx.one(
                """
                insert into plan_version (plan_id, version, name, charges, own_charges, terms, prepaid, tier, limits,
                  capabilities, models, price_book, effective_from, overrides, tiers)
                select $1, coalesce(max(version), 0) + 1, $2, $3::text::jsonb, $4::text::jsonb, $5::text::jsonb, $6, $7,
                  $8::text::jsonb, $9, $10, $11, $12, $13::text::jsonb, $14
                from plan_version where plan_id = $1 returning version\
                """,
                plan.id(),
                plan.name(),
                charges(plan.charges()),
                charges(own),
                text(plan.terms()),
                plan.access().prepaid(),
                plan.access().tier(),
                text(plan.access().limits()),
                plan.access().capabilities().toArray(String[]::new),
                plan.access().models().toArray(String[]::new),
                plan.origin().priceBook().orElse(null),
                plan.effectiveFrom().atOffset(ZoneOffset.UTC),
                override.map(PlanVersions::text).orElse(null),
                plan.access().tiers().toArray(String[]::new))
            .orElseThrow()
            .getInteger(0);
    announce(tx, plan.id(), plan.tenantId());
    return version(tx, plan.id(), version);
  }

  private static String text(Terms terms) {
    return Json.write(terms);
  }

  private static String text(KeyLimits limits) {
    return Json.write(limits);
  }

  private static String text(OverrideRequest override) {
    return Json.write(override);
  }

  static String charges(List<Charge> charges) {
    String whole = Json.write(new StoredCharges(charges));
    return whole.substring(whole.indexOf('['), whole.lastIndexOf(']') + 1);
  }

  private static void checkGrants(Tx tx, List<Charge> charges) {
    for (Charge charge : charges) {
      if (charge instanceof Charge.Grant grant
          && tx.one("select 1 from budget where id = $1", grant.budgetId()).isEmpty()) {
        throw Refusal.invalid("There is no budget " + grant.budgetId() + ".").raise();
      }
    }
  }

  /**
   * Announces to routers that a plan changed, so that they fetch it again; with a tenant, for that
   * tenant only.
   */
  void announce(Tx tx, String planId, Optional<String> tenantId) {
    outbox.add(
        tx,
        Topic.PLANS,
        List.of(
            Json.write(
                new PlanChanged(ids.next(IdKind.EVENT), clock.instant(), planId, tenantId))));
  }

  /** Announces to routers that a tenant's plan or standing changed, so that they fetch it again. */
  public void announceTenant(Tx tx, String tenantId) {
    announce(tx, of(tx, tenantId, clock.instant()).id(), Optional.of(tenantId));
  }

  /**
   * Returns a tenant's position in a period under a plan; absent when it has none yet or the plan's
   * prices do not depend on it.
   */
  public Optional<PeriodUsage> position(Tx tx, String tenantId, Plan plan, Instant periodStart) {
    if (!plan.dependsOnPosition()) {
      return Optional.empty();
    }
    return tx.one(
            "select position::text from tenant_position where tenant_id = $1 and period_start = $2"
                + " and plan = $3",
            tenantId,
            periodStart.atOffset(ZoneOffset.UTC),
            plan.reference())
        .map(row -> Json.read(row.getString(0), PeriodUsage.class));
  }

  static List<Charge> stored(String charges) {
    return Json.read("{\"charges\":" + charges + "}", StoredCharges.class).charges();
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }

  private static OfferedPlan offered(Row row) {
    return new OfferedPlan(
        row.getString("id"),
        row.getInteger("version"),
        row.getString("name"),
        new PlanAccess(
            row.getBoolean("prepaid"),
            row.getString("tier"),
            List.of(row.getArrayOfStrings("tiers")),
            Json.read(row.getString("limits"), KeyLimits.class),
            List.of(row.getArrayOfStrings("capabilities")),
            List.of(row.getArrayOfStrings("models"))),
        stored(row.getString("charges")),
        Json.read(row.getString("terms"), Terms.class),
        new OfferedPlan.Origin(
            Optional.ofNullable(row.getString("price_book")),
            Optional.ofNullable(row.getString("tenant_id")),
            Optional.ofNullable(row.getString("base_id"))),
        row.getOffsetDateTime("effective_from").toInstant());
  }
}
