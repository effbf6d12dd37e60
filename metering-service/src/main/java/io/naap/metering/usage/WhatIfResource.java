package io.naap.metering.usage;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Proration;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.contracts.rating.Terms;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.metering.plan.PlanVersions;
import io.naap.store.Transactions;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoint that computes what past usage would have cost under another plan. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class WhatIfResource {
  private final StoredEvents events;
  private final PlanVersions plans;
  private final Transactions transactions;
  private final SecurityIdentity identity;

  WhatIfResource(
      StoredEvents events,
      PlanVersions plans,
      Transactions transactions,
      SecurityIdentity identity) {
    this.events = events;
    this.plans = plans;
    this.transactions = transactions;
    this.identity = identity;
  }

  /**
   * The usage to rate again, and the plan or prices to rate it with.
   *
   * @param tenantId the tenant; the caller's own when absent
   * @param plan a plan version, {@code pln_...@3}; when absent, {@code charges} are used
   * @param charges prices that are not in a plan yet
   * @param terms the terms that go with {@code charges}
   */
  public record WhatIf(
      Optional<String> tenantId,
      Instant from,
      Instant to,
      Optional<String> plan,
      List<Charge> charges,
      Optional<Terms> terms) {
    public WhatIf {
      tenantId = tenantId == null ? Optional.empty() : tenantId;
      plan = plan == null ? Optional.empty() : plan;
      charges = charges == null ? List.of() : List.copyOf(charges);
      terms = terms == null ? Optional.empty() : terms;
    }
  }

  /**
   * The comparison for one capability.
   *
   * @param billed what was billed
   * @param instead what the other plan would have cost, sponsors' parts included
   * @param unpriced the number of events the other plan has no price for
   */
  public record Compared(
      String capability, long events, NanoUsd billed, NanoUsd instead, long unpriced) {}

  /**
   * The comparison for all capabilities.
   *
   * @param fees the other plan's fees, minimums and volume true-ups for the periods with usage
   * @param difference {@code instead + fees - billed}
   */
  public record Comparison(
      List<Compared> capabilities,
      long events,
      NanoUsd billed,
      NanoUsd instead,
      NanoUsd fees,
      NanoUsd difference,
      long unpriced) {
    public Comparison {
      capabilities = List.copyOf(capabilities);
    }
  }

  private static final class Sum {
    private long events;
    private long unpriced;
    private NanoUsd billed = NanoUsd.ZERO;
    private NanoUsd instead = NanoUsd.ZERO;
  }

  /** Rates past usage again under other prices and compares. Stores nothing. */
  @POST
  @Path("v1/usage/what-if")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "whatIf",
      summary = "Rate past usage under another plan or other prices, and compare")
  @APIResponse(responseCode = "200", description = "The comparison")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller, or no such plan")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Comparison compare(WhatIf question) {
    if (question == null
        || question.from() == null
        || question.to() == null
        || !question.from().isBefore(question.to())) {
      throw Refusal.invalid("Send from, to after it, and a plan or charges.").raise();
    }
    String tenant = ReadableTenant.oneTenant(Caller.of(identity), question.tenantId().orElse(null));
    Plan plan = plan(question);
    Map<String, Sum> sums = new TreeMap<>();
    Map<Instant, PeriodUsage> positions = new TreeMap<>();
    Anchors anchors = transactions.run(tx -> Anchors.of(tx, tenant));
    events.each(
        new UsageQuestion(
            question.from(),
            question.to(),
            "total",
            List.of(),
            new UsageQuestion.Filters(
                Optional.of(tenant),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()),
            1,
            Optional.empty()),
        event -> rate(plan, anchors, event.view(), sums, positions));
    return answer(plan, anchors, sums, positions);
  }

  private Plan plan(WhatIf question) {
    if (question.plan().isPresent()) {
      return plans
          .version(question.plan().get())
          .orElseThrow(() -> Refusal.notFound("plan version").raise());
    }
    if (question.charges().isEmpty()) {
      throw Refusal.invalid("Send a plan or charges.").raise();
    }
    return new Plan(
        "what-if", 1, "What if", question.charges(), question.terms().orElse(Terms.NONE));
  }

  private static void rate(
      Plan plan,
      Anchors anchors,
      UsageEventView event,
      Map<String, Sum> sums,
      Map<Instant, PeriodUsage> positions) {
    String state = event.billing().state();
    boolean counts = "accepted".equals(state) || "late".equals(state);
    if (!counts || "failed".equals(event.job().outcome())) {
      return;
    }
    Sum sum = sums.computeIfAbsent(event.job().capability(), capability -> new Sum());
    sum.events++;
    sum.billed = sum.billed.plus(event.amounts().cost());
    Period period = anchors.period(event.occurredAt());
    switch (Rating.rate(
        plan,
        event.job().capability(),
        event.job().model(),
        event.measured().units(),
        positions.getOrDefault(period.start(), start(period)))) {
      case Rated.Priced priced -> {
        positions.put(period.start(), priced.after());
        sum.instead =
            sum.instead
                .plus(priced.total())
                .plus(priced.sponsored().map(Sponsored::amount).orElse(NanoUsd.ZERO));
      }
      case Rated.NoPrice none -> sum.unpriced++;
    }
  }

  private static PeriodUsage start(Period period) {
    return PeriodUsage.START.withShare(share(period));
  }

  private static Proration share(Period period) {
    return new Proration(
        Duration.between(period.start(), period.end()).toSeconds(), period.whole().toSeconds());
  }

  private static Comparison answer(
      Plan plan, Anchors anchors, Map<String, Sum> sums, Map<Instant, PeriodUsage> positions) {
    NanoUsd fees = NanoUsd.ZERO;
    for (Map.Entry<Instant, PeriodUsage> one : positions.entrySet()) {
      PeriodUsage end = one.getValue();
      Proration share = share(anchors.period(one.getKey()));
      NanoUsd spent = end.spent().plus(Rating.trueUp(plan, end));
      fees =
          fees.plus(Rating.fees(plan, share))
              .plus(Rating.trueUp(plan, end))
              .plus(Rating.shortfall(plan, share, spent));
    }
    NanoUsd billed = NanoUsd.ZERO;
    NanoUsd instead = NanoUsd.ZERO;
    long count = 0;
    long unpriced = 0;
    for (Sum sum : sums.values()) {
      billed = billed.plus(sum.billed);
      instead = instead.plus(sum.instead);
      count += sum.events;
      unpriced += sum.unpriced;
    }
    return new Comparison(
        sums.entrySet().stream()
            .map(
                one ->
                    new Compared(
                        one.getKey(),
                        one.getValue().events,
                        one.getValue().billed,
                        one.getValue().instead,
                        one.getValue().unpriced))
            .toList(),
        count,
        billed,
        instead,
        fees,
        instead.plus(fees).minus(billed),
        unpriced);
  }
}
