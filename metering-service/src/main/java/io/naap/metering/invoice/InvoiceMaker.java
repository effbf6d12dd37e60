package io.naap.metering.invoice;

import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Proration;
import io.naap.contracts.rating.Rating;
import io.naap.metering.period.Period;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Computes an invoice from its facts. It has no side effects, so the same facts give the same
 * invoice.
 */
final class InvoiceMaker {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private InvoiceMaker() {}

  /**
   * The usage of one key of one capability and model in the period.
   *
   * @param cost the part that the tenant pays
   */
  record Used(
      String keyId, String capability, String model, long jobs, Units units, NanoUsd cost) {}

  /** Late usage: events that arrived after their period was closed. */
  record Late(String capability, String model, long events, NanoUsd cost) {}

  /**
   * A part of the period under one plan version.
   *
   * @param spent what the tenant spent on jobs under this plan version
   * @param position the position at the end of the period, when the plan's prices depend on it
   */
  record RatedSegment(Plan plan, Proration share, NanoUsd spent, Optional<PeriodUsage> position) {}

  /**
   * The tax on an invoice.
   *
   * @param percent the rate; zero for no tax
   */
  record Tax(String name, BigDecimal percent) {}

  /** Everything an invoice is computed from. */
  record Facts(
      String id,
      Invoice.Parties parties,
      Period period,
      List<Used> used,
      List<Late> late,
      List<RatedSegment> segments,
      Tax tax) {}

  static Invoice make(Facts facts) {
    List<Invoice.Line> lines = new ArrayList<>(usage(facts.used()));
    facts.late().forEach(late -> lines.add(late(late)));
    facts.segments().forEach(segment -> lines.addAll(fees(segment)));
    NanoUsd subtotal = sum(lines);
    NanoUsd tax =
        subtotal.isPositive()
            ? NanoUsd.rounded(subtotal.toDollars().multiply(facts.tax().percent()), HUNDRED)
            : NanoUsd.ZERO;
    if (!tax.isZero()) {
      lines.add(Invoice.Line.of("tax", facts.tax().name(), tax).withPercent(facts.tax().percent()));
    }
    NanoUsd exact = subtotal.plus(tax);
    NanoUsd cents = Cents.of(exact);
    boolean isDue = !facts.parties().prepaid() && cents.isPositive();
    NanoUsd rounding = isDue ? cents.minus(exact) : NanoUsd.ZERO;
    NanoUsd shown = lines.stream().map(Invoice.Line::amount).reduce(NanoUsd.ZERO, NanoUsd::plus);
    if (!rounding.isZero() || !shown.equals(cents)) {
      lines.add(Invoice.Line.of("rounding", "Rounding", rounding).withAmount(cents.minus(shown)));
    }
    return new Invoice(
        new Invoice.Identity(
            facts.id(),
            Invoice.INVOICE,
            facts.period().start(),
            facts.period().end(),
            Optional.empty()),
        facts.parties(),
        Invoice.Progress.DRAFT,
        lines,
        facts.used().stream().map(InvoiceMaker::keyLine).toList(),
        new Invoice.Totals(subtotal, tax, exact.plus(rounding), isDue ? cents : NanoUsd.ZERO));
  }

  private static Invoice.KeyLine keyLine(Used one) {
    return new Invoice.KeyLine(
        one.keyId(), one.capability(), one.model(), one.jobs(), one.units(), one.cost());
  }

  private static Invoice.Line late(Late late) {
    return Invoice.Line.of(
        "late_usage",
        "%s, %s, of earlier periods".formatted(late.capability(), late.model()),
        new Invoice.Jobs(
            Optional.of(late.capability()),
            Optional.of(late.model()),
            Optional.of(late.events()),
            Optional.empty()),
        late.cost());
  }

  private static NanoUsd sum(List<Invoice.Line> lines) {
    return lines.stream().map(Invoice.Line::exact).reduce(NanoUsd.ZERO, NanoUsd::plus);
  }

  private record Job(String capability, String model) {}

  private static List<Invoice.Line> usage(List<Used> used) {
    Map<Job, Used> sums = new LinkedHashMap<>();
    for (Used one :
        used.stream()
            .sorted(
                java.util.Comparator.comparing(Used::capability)
                    .thenComparing(Used::model)
                    .thenComparing(Used::keyId))
            .toList()) {
      sums.merge(
          new Job(one.capability(), one.model()),
          one,
          (a, b) ->
              new Used(
                  "",
                  a.capability(),
                  a.model(),
                  a.jobs() + b.jobs(),
                  a.units().plus(b.units()),
                  a.cost().plus(b.cost())));
    }
    return sums.values().stream()
        .map(
            one ->
                Invoice.Line.of(
                    "usage",
                    one.capability() + ", " + one.model(),
                    new Invoice.Jobs(
                        Optional.of(one.capability()),
                        Optional.of(one.model()),
                        Optional.of(one.jobs()),
                        Optional.of(one.units())),
                    one.cost()))
        .toList();
  }

  private static List<Invoice.Line> fees(RatedSegment segment) {
    Plan plan = segment.plan();
    List<Invoice.Line> lines = new ArrayList<>();
    String part =
        segment.share().part() == segment.share().whole()
            ? ""
            : ", %d of %d days"
                .formatted(segment.share().part() / 86_400, segment.share().whole() / 86_400);
    NanoUsd fee = Rating.fees(plan, segment.share());
    if (!fee.isZero()) {
      lines.add(Invoice.Line.of("subscription", plan.name() + part, fee));
    }
    NanoUsd trueUp = segment.position().map(end -> Rating.trueUp(plan, end)).orElse(NanoUsd.ZERO);
    // A true-up refunds at most what the tenant spent, so that waived amounts are not paid out.
    NanoUsd changed = trueUp.max(segment.spent().negated());
    if (!changed.isZero()) {
      lines.add(Invoice.Line.of("adjustment", plan.name() + ", volume price" + part, changed));
    }
    NanoUsd missing = Rating.shortfall(plan, segment.share(), segment.spent().plus(changed));
    if (missing.isPositive()) {
      lines.add(Invoice.Line.of("minimum", plan.name() + ", up to the minimum" + part, missing));
    }
    return lines;
  }

  /** Sums late events by capability and model, sorted by those. */
  static List<Late> late(List<Late> events) {
    Map<String, Late> sums = new TreeMap<>();
    for (Late one : events) {
      sums.merge(
          one.capability() + '\n' + one.model(),
          one,
          (a, b) ->
              new Late(
                  a.capability(), a.model(), a.events() + b.events(), a.cost().plus(b.cost())));
    }
    return List.copyOf(sums.values());
  }
}
