package io.naap.metering.plan;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Terms;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Creates the plans that the operator offers and adds versions to them. Stored versions never
 * change.
 */
@ApplicationScoped
class PlanCatalogue {
  private final PlanVersions versions;
  private final PriceBooks books;
  private final TenantOverrides overrides;
  private final Ids ids;
  private final Clock clock;

  PlanCatalogue(
      PlanVersions versions, PriceBooks books, TenantOverrides overrides, Ids ids, Clock clock) {
    this.versions = versions;
    this.books = books;
    this.overrides = overrides;
    this.ids = ids;
    this.clock = clock;
  }

  /** Creates a plan with its first version. */
  OfferedPlan create(Tx tx, PlanRequest request) {
    String id = ids.next(IdKind.PLAN);
    tx.change("insert into plan (id) values ($1)", id);
    return add(tx, id, request);
  }

  /**
   * Adds a version to a plan and to the private plans made from it. It applies to their tenants
   * from its {@code effectiveFrom} on.
   */
  OfferedPlan addVersion(Tx tx, String id, PlanRequest request) {
    Row plan =
        tx.one("select tenant_id from plan where id = $1 for update", id)
            .orElseThrow(() -> Refusal.notFound("plan").raise());
    if (plan.getString(0) != null) {
      throw Refusal.conflict("plan_is_private", "Change the tenant's override instead.").raise();
    }
    OfferedPlan added = add(tx, id, request);
    for (Row made : tx.query("select id from plan where base_id = $1 order by id", id)) {
      overrides.rebase(tx, made.getString(0), added);
    }
    return added;
  }

  private OfferedPlan add(Tx tx, String id, PlanRequest request) {
    Names.check("name", request.name());
    Optional<PriceBook> book =
        request
            .priceBook()
            .map(
                asked ->
                    books
                        .find(tx, asked)
                        .orElseThrow(
                            () -> Refusal.invalid("There is no such price book.").raise()));
    Instant from = request.effectiveFrom().orElse(clock.instant());
    if (from.isBefore(clock.instant().minus(1, ChronoUnit.MINUTES))) {
      throw Refusal.invalid("effective_from must not be in the past: that is billed already.")
          .raise();
    }
    return versions.add(
        tx,
        new OfferedPlan(
            id,
            1,
            request.name(),
            request.access().access(),
            together(request.charges(), book),
            request.terms().orElse(Terms.NONE),
            new OfferedPlan.Origin(
                book.map(known -> known.id() + "@" + known.version()),
                Optional.empty(),
                Optional.empty()),
            from.truncatedTo(ChronoUnit.MICROS)),
        request.charges(),
        Optional.empty());
  }

  private static List<Charge> together(List<Charge> own, Optional<PriceBook> book) {
    List<Charge> all = new ArrayList<>(own);
    book.ifPresent(known -> all.addAll(known.charges()));
    return all;
  }

  /**
   * Adds a version with the newest charges of a price book to every plan that uses the book.
   *
   * @param from when the new prices begin to apply
   */
  void takeNewPrices(Tx tx, String id, Instant from) {
    // Renews the version that applies at that time and each version that begins to apply later.
    for (Row row :
        tx.query(
            """
            select plan_id, version, starts, own from (
              select distinct on (v.plan_id, greatest(v.effective_from, $2)) v.plan_id, v.version,
                greatest(v.effective_from, $2) as starts, v.own_charges::text as own, v.price_book
              from plan_version v join plan p on p.id = v.plan_id and p.tenant_id is null
              order by v.plan_id, greatest(v.effective_from, $2), v.effective_from desc, v.version desc) held
            where split_part(price_book, '@', 1) = $1 order by plan_id, starts\
            """,
            id,
            from.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC))) {
      OfferedPlan before =
          versions.version(tx, row.getString("plan_id"), row.getInteger("version"));
      addVersion(
          tx,
          before.id(),
          new PlanRequest(
              before.name(),
              PlanRequest.Access.of(before.access()),
              PlanVersions.stored(row.getString("own")),
              Optional.of(before.terms()),
              Optional.of(id),
              Optional.of(row.getOffsetDateTime("starts").toInstant())));
    }
  }
}
