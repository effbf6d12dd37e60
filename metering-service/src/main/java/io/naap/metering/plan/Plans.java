package io.naap.metering.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.naap.contracts.events.PlanChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The plans there are and who is on which. Versions are only ever added; a change is announced to
 * routers in the same transaction.
 */
@ApplicationScoped
public class Plans {
  private static final String VERSION =
      """
      select p.id, v.version, v.name, v.prepaid, v.tier, v.tiers, v.charges::text charges, v.terms::text terms,
        v.limits::text limits, v.capabilities, v.models, v.price_book, p.tenant_id, p.base_id, v.effective_from
      from plan p join plan_version v on v.plan_id = p.id""";

  /** The version in force at $1. */
  private static final String IN_FORCE =
      VERSION
          + '\n'
          + """
           where v.version = (select version from plan_version where plan_id = p.id and effective_from <= $1
             order by effective_from desc, version desc limit 1)""";

  private static final int MAX_NAME = 100;

  private final Transactions transactions;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;

  /** By reference; bounded by how many versions were ever used. */
  private final Map<String, Plan> versions = new ConcurrentHashMap<>();

  private volatile Usual usualPlan;

  Plans(Transactions transactions, Outbox outbox, Ids ids, Clock clock) {
    this.transactions = transactions;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  /** Charges as they are stored. */
  public record StoredCharges(List<Charge> charges) {
    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public StoredCharges {
      charges = List.copyOf(charges);
    }
  }

  /** What is offered to everybody, or to one tenant. */
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
        .map(Plans::offered)
        .toList();
  }

  Optional<OfferedPlan> find(String id) {
    return transactions.run(tx -> inForce(tx, id));
  }

  private Optional<OfferedPlan> inForce(Tx tx, String id) {
    return tx.one(IN_FORCE + " and p.id = $2", now(), id).map(Plans::offered);
  }

  List<OfferedPlan> history(String id) {
    return transactions
        .run(tx -> tx.query(VERSION + " where p.id = $1 order by v.version desc limit 1000", id))
        .stream()
        .map(Plans::offered)
        .toList();
  }

  /** The plan in force for a tenant now; the default one when none was given to it. */
  public OfferedPlan of(Tx tx, String tenantId, Instant at) {
    return tx.one(
            IN_FORCE
                + '\n'
                + """
                 and p.id = coalesce(
                  (select plan_id from tenant_assignment where tenant_id = $2 and effective_from <= $1
                    order by effective_from desc limit 1),
                  (select id from plan where is_default))""",
            at.atOffset(ZoneOffset.UTC),
            tenantId)
        .map(Plans::offered)
        .orElseThrow(() -> new IllegalStateException("there is no default plan"));
  }

  /** The same, asked for many tenants that were given no plan: those share one answer. */
  public OfferedPlan of(Tx tx, String tenantId, Instant at, boolean usual) {
    if (!usual) {
      return of(tx, tenantId, at);
    }
    Usual known = usualPlan;
    if (known == null
        || !known.at.equals(at)
        || known.readAt.plusSeconds(5).isBefore(clock.instant())) {
      known = new Usual(at, clock.instant(), of(tx, "", at));
      usualPlan = known;
    }
    return known.plan;
  }

  private record Usual(Instant at, Instant readAt, OfferedPlan plan) {}

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
            .map(Plans::offered)
            .map(OfferedPlan::plan);
    found.ifPresent(plan -> versions.put(reference, plan));
    return found;
  }

  /** Makes a plan. */
  OfferedPlan create(Tx tx, PlanRequest request) {
    String id = ids.next(IdKind.PLAN);
    tx.change("insert into plan (id) values ($1)", id);
    return add(tx, id, request);
  }

  /** Adds a version to a plan; tenants of it have it from its day on. */
  OfferedPlan addVersion(Tx tx, String id, PlanRequest request) {
    Row plan =
        tx.one("select tenant_id from plan where id = $1 for update", id)
            .orElseThrow(() -> Refusal.notFound("plan").raise());
    if (plan.getString(0) != null) {
      throw Refusal.conflict("plan_is_private", "Change the tenant's override instead.").raise();
    }
    OfferedPlan added = add(tx, id, request);
    for (Row made : tx.query("select id from plan where base_id = $1 order by id", id)) {
      rebase(tx, made.getString(0), added);
    }
    return added;
  }

  private OfferedPlan add(Tx tx, String id, PlanRequest request) {
    checkName(request.name());
    Optional<PriceBook> book =
        request
            .priceBook()
            .map(
                asked ->
                    book(tx, asked)
                        .orElseThrow(
                            () -> Refusal.invalid("There is no such price book.").raise()));
    Instant from = request.effectiveFrom().orElse(clock.instant());
    if (from.isBefore(clock.instant().minus(1, ChronoUnit.MINUTES))) {
      throw Refusal.invalid("effective_from must not be in the past: that is billed already.")
          .raise();
    }
    return insert(
        tx,
        new OfferedPlan(
            id,
            1,
            request.name(),
            request.prepaid().orElse(true),
            request.tier().orElse("standard"),
            request.tiers(),
            together(request.charges(), book),
            request.terms().orElse(Terms.NONE),
            request.limits().orElse(KeyLimits.NONE),
            request.capabilities(),
            request.models(),
            book.map(known -> known.id() + "@" + known.version()),
            Optional.empty(),
            Optional.empty(),
            from.truncatedTo(ChronoUnit.MICROS)),
        request.charges(),
        Optional.empty());
  }

  private static List<Charge> together(List<Charge> own, Optional<PriceBook> book) {
    List<Charge> all = new ArrayList<>(own);
    book.ifPresent(known -> all.addAll(known.charges()));
    return all;
  }

  private static void checkName(String name) {
    if (name == null || name.isBlank() || name.length() > MAX_NAME) {
      throw Refusal.invalid("name has 1 to 100 characters.").raise();
    }
  }

  private OfferedPlan insert(
      Tx tx, OfferedPlan plan, List<Charge> own, Optional<OverrideRequest> override) {
    if (plan.charges().isEmpty()) {
      throw Refusal.invalid("A plan has at least one charge.").raise();
    }
    checkGrants(tx, plan.charges());
    if (!plan.prepaid() && plan.charges().stream().anyMatch(Charge.Credits.class::isInstance)) {
      throw Refusal.invalid("Credits are paid in advance: the plan must be prepaid.").raise();
    }
    int version =
        tx.one(
                """
                insert into plan_version (plan_id, version, name, charges, own_charges, terms, prepaid, tier, limits,
                  capabilities, models, price_book, effective_from, overrides, tiers)
                select $1, coalesce(max(version), 0) + 1, $2, $3::text::jsonb, $4::text::jsonb, $5::text::jsonb, $6, $7,
                  $8::text::jsonb, $9, $10, $11, $12, $13::text::jsonb, $14
                from plan_version where plan_id = $1 returning version""",
                plan.id(),
                plan.name(),
                charges(plan.charges()),
                charges(own),
                text(plan.terms()),
                plan.prepaid(),
                plan.tier(),
                text(plan.limits()),
                plan.capabilities().toArray(String[]::new),
                plan.models().toArray(String[]::new),
                plan.priceBook().orElse(null),
                plan.effectiveFrom().atOffset(ZoneOffset.UTC),
                override.map(Plans::text).orElse(null),
                plan.tiers().toArray(String[]::new))
            .orElseThrow()
            .getInteger(0);
    announce(tx, plan.id(), plan.tenantId());
    return tx.one(VERSION + " where v.plan_id = $1 and v.version = $2", plan.id(), version)
        .map(Plans::offered)
        .orElseThrow();
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

  private static String charges(List<Charge> charges) {
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

  /** Tells routers to ask for a plan again; with a tenant, only for that one's. */
  void announce(Tx tx, String planId, Optional<String> tenantId) {
    outbox.add(
        tx,
        Topic.PLANS,
        List.of(
            Json.write(
                new PlanChanged(ids.next(IdKind.EVENT), clock.instant(), planId, tenantId))));
  }

  /** Tells routers to ask for a tenant's plan again. */
  public void announceTenant(Tx tx, String tenantId) {
    announce(tx, of(tx, tenantId, clock.instant()).id(), Optional.of(tenantId));
  }

  /** Gives a tenant a plan. */
  Assignment assign(Tx tx, String tenantId, String planId, Instant from) {
    OfferedPlan plan =
        inForceOrComing(tx, planId)
            .orElseThrow(() -> Refusal.invalid("There is no such plan.").raise());
    if (plan.tenantId().filter(owner -> !owner.equals(tenantId)).isPresent()) {
      throw Refusal.invalid("The plan was made for another tenant.").raise();
    }
    Instant at = from.truncatedTo(ChronoUnit.MICROS);
    if (at.isBefore(clock.instant().minus(1, ChronoUnit.MINUTES))) {
      throw Refusal.invalid("effective_from must not be in the past: that is billed already.")
          .raise();
    }
    tx.change(
        "insert into tenant_assignment (tenant_id, effective_from, plan_id) values ($1, $2, $3)"
            + " on conflict (tenant_id, effective_from) do update set plan_id = excluded.plan_id",
        tenantId,
        at.atOffset(ZoneOffset.UTC),
        planId);
    announce(tx, planId, Optional.of(tenantId));
    return new Assignment(tenantId, planId, at);
  }

  private Optional<OfferedPlan> inForceOrComing(Tx tx, String id) {
    return tx.one(VERSION + " where p.id = $1 order by v.version desc limit 1", id)
        .map(Plans::offered);
  }

  List<Assignment> assignments(String tenantId) {
    return transactions
        .run(
            tx ->
                tx.query(
                    "select * from tenant_assignment where tenant_id = $1"
                        + " order by effective_from desc limit 100",
                    tenantId))
        .stream()
        .map(
            row ->
                new Assignment(
                    row.getString("tenant_id"),
                    row.getString("plan_id"),
                    row.getOffsetDateTime("effective_from").toInstant()))
        .toList();
  }

  /** Makes a plan for one tenant from the one it is on, and gives it to it. */
  OfferedPlan override(Tx tx, String tenantId, OverrideRequest override) {
    OfferedPlan current = of(tx, tenantId, clock.instant());
    OfferedPlan base = current.baseId().map(id -> inForce(tx, id).orElseThrow()).orElse(current);
    String id =
        current.tenantId().isPresent()
            ? current.id()
            : tx.one(
                    "insert into plan (id, tenant_id, base_id) values ($1, $2, $3) returning id",
                    ids.next(IdKind.PLAN),
                    tenantId,
                    base.id())
                .orElseThrow()
                .getString(0);
    OfferedPlan made =
        insert(tx, over(base, id, tenantId, override), override.charges(), Optional.of(override));
    if (current.tenantId().isEmpty()) {
      assign(tx, tenantId, id, clock.instant());
    }
    return made;
  }

  private void rebase(Tx tx, String id, OfferedPlan base) {
    Row row =
        tx.one(
                "select v.overrides::text overrides, p.tenant_id from plan_version v join plan p on p.id = v.plan_id"
                    + " where plan_id = $1 order by version desc limit 1",
                id)
            .orElseThrow();
    OverrideRequest override = Json.read(row.getString("overrides"), OverrideRequest.class);
    insert(
        tx,
        over(base, id, row.getString("tenant_id"), override),
        override.charges(),
        Optional.of(override));
  }

  private OfferedPlan over(OfferedPlan base, String id, String tenantId, OverrideRequest override) {
    List<Charge> charges = new ArrayList<>(override.charges());
    base.charges().stream()
        .filter(charge -> override.charges().stream().noneMatch(own -> isSame(own, charge)))
        .forEach(charges::add);
    return new OfferedPlan(
        id,
        1,
        base.name(),
        override.prepaid().orElse(base.prepaid()),
        override.tier().orElse(base.tier()),
        Stream.concat(base.tiers().stream(), override.tiers().stream()).distinct().toList(),
        charges,
        override.terms().orElse(base.terms()),
        override.limits().orElse(base.limits()),
        base.capabilities(),
        base.models(),
        base.priceBook(),
        Optional.of(tenantId),
        Optional.of(base.id()),
        base.effectiveFrom().isAfter(clock.instant())
            ? base.effectiveFrom()
            : clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  private static boolean isSame(Charge own, Charge base) {
    boolean counted =
        own instanceof Charge.Counted one
            && base instanceof Charge.Counted other
            && one.unit() == other.unit();
    boolean kind = !(own instanceof Charge.Counted) && own.getClass().equals(base.getClass());
    return own.filter().equals(base.filter()) && (counted || kind);
  }

  /** Where a tenant's period is now under its plan; absent when its prices do not depend on it. */
  public Optional<PeriodUsage> position(Tx tx, String tenantId, Plan plan, Instant periodStart) {
    if (!plan.dependsOnPosition()) {
      return Optional.empty();
    }
    return tx.one(
            "select position::text from tenant_position where tenant_id = $1 and period_start = $2 and plan = $3",
            tenantId,
            periodStart.atOffset(ZoneOffset.UTC),
            plan.reference())
        .map(row -> Json.read(row.getString(0), PeriodUsage.class));
  }

  // --- price books

  List<PriceBook> books() {
    return transactions
        .run(
            tx ->
                tx.query(
                    """
                    select b.id, v.version, b.name, v.charges::text charges from price_book b
                    join price_book_version v on v.book_id = b.id
                    where v.version = (select max(version) from price_book_version where book_id = b.id)
                    order by b.id"""))
        .stream()
        .map(Plans::book)
        .toList();
  }

  Optional<PriceBook> book(Tx tx, String id) {
    return tx.one(
            """
            select b.id, v.version, b.name, v.charges::text charges from price_book b
            join price_book_version v on v.book_id = b.id where b.id = $1 order by v.version desc limit 1""",
            id)
        .map(Plans::book);
  }

  PriceBook createBook(Tx tx, PriceBook.Request request) {
    checkName(request.name());
    String id = "pbk" + ids.next(IdKind.PLAN).substring(3);
    tx.change("insert into price_book (id, name) values ($1, $2)", id, request.name());
    return addBook(tx, id, request.charges());
  }

  /** Adds a version to a book, and one to every plan that takes its charges. */
  PriceBook addBookVersion(Tx tx, String id, PriceBook.Request request) {
    if (tx.one("select 1 from price_book where id = $1 for update", id).isEmpty()) {
      throw Refusal.notFound("price book").raise();
    }
    PriceBook book = addBook(tx, id, request.charges());
    Instant from = request.effectiveFrom().orElse(clock.instant());
    // What holds then, and what was made for later days, each with the new prices.
    for (Row row :
        tx.query(
            """
            select plan_id, version, starts, own from (
              select distinct on (v.plan_id, greatest(v.effective_from, $2)) v.plan_id, v.version,
                greatest(v.effective_from, $2) as starts, v.own_charges::text as own, v.price_book
              from plan_version v join plan p on p.id = v.plan_id and p.tenant_id is null
              order by v.plan_id, greatest(v.effective_from, $2), v.effective_from desc, v.version desc) held
            where split_part(price_book, '@', 1) = $1 order by plan_id, starts""",
            id,
            from.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC))) {
      OfferedPlan before =
          tx.one(
                  VERSION + " where v.plan_id = $1 and v.version = $2",
                  row.getString("plan_id"),
                  row.getInteger("version"))
              .map(Plans::offered)
              .orElseThrow();
      addVersion(
          tx,
          before.id(),
          new PlanRequest(
              before.name(),
              Optional.of(before.prepaid()),
              Optional.of(before.tier()),
              before.tiers(),
              stored(row.getString("own")),
              Optional.of(before.terms()),
              Optional.of(before.limits()),
              before.capabilities(),
              before.models(),
              Optional.of(id),
              Optional.of(row.getOffsetDateTime("starts").toInstant())));
    }
    return book;
  }

  private PriceBook addBook(Tx tx, String id, List<Charge> charges) {
    if (charges.isEmpty()) {
      throw Refusal.invalid("A price book has at least one charge.").raise();
    }
    tx.change(
        "insert into price_book_version (book_id, version, charges)"
            + " select $1, coalesce(max(version), 0) + 1, $2::text::jsonb from price_book_version where book_id = $1",
        id,
        charges(charges));
    return book(tx, id).orElseThrow();
  }

  private static PriceBook book(Row row) {
    return new PriceBook(
        row.getString("id"),
        row.getInteger("version"),
        row.getString("name"),
        stored(row.getString("charges")));
  }

  // --- sponsors' budgets

  List<Budget> budgets() {
    return transactions.run(tx -> tx.query("select * from budget order by id limit 1000")).stream()
        .map(
            row ->
                new Budget(
                    row.getString("id"),
                    row.getString("sponsor"),
                    NanoUsd.ofNanos(row.getLong("total")),
                    NanoUsd.ofNanos(row.getLong("spent"))))
        .toList();
  }

  Budget createBudget(Tx tx, Budget.Request request) {
    checkName(request.sponsor());
    if (request.total() == null || !request.total().isPositive()) {
      throw Refusal.invalid("total is an amount above zero.").raise();
    }
    String id = ids.next(IdKind.BUDGET);
    tx.change(
        "insert into budget (id, sponsor, total) values ($1, $2, $3)",
        id,
        request.sponsor(),
        request.total().nanos());
    return new Budget(id, request.sponsor(), request.total(), NanoUsd.ZERO);
  }

  private static List<Charge> stored(String charges) {
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
        row.getBoolean("prepaid"),
        row.getString("tier"),
        List.of(row.getArrayOfStrings("tiers")),
        stored(row.getString("charges")),
        Json.read(row.getString("terms"), Terms.class),
        Json.read(row.getString("limits"), KeyLimits.class),
        List.of(row.getArrayOfStrings("capabilities")),
        List.of(row.getArrayOfStrings("models")),
        Optional.ofNullable(row.getString("price_book")),
        Optional.ofNullable(row.getString("tenant_id")),
        Optional.ofNullable(row.getString("base_id")),
        row.getOffsetDateTime("effective_from").toInstant());
  }
}
