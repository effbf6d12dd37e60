package io.naap.metering.invoice;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.metering.plan.PlanVersions;
import io.naap.metering.usage.StoredEvents;
import io.naap.metering.usage.UsageEventView;
import io.naap.metering.usage.UsageQuestion;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Verifies an invoice: rates each of its events again, adds up the sums, computes fees, tax and
 * rounding again, and compares all of it to the nano-dollar.
 */
@ApplicationScoped
public class Verification {
  private static final int MAX_DIFFERENCES = 100;

  private final Transactions transactions;
  private final Invoices invoices;
  private final StoredEvents events;
  private final PlanVersions plans;

  Verification(
      Transactions transactions, Invoices invoices, StoredEvents events, PlanVersions plans) {
    this.transactions = transactions;
    this.invoices = invoices;
    this.events = events;
    this.plans = plans;
  }

  /**
   * The result of verifying an invoice.
   *
   * @param events the number of events that were rated again
   * @param differences the differences found, at most 100
   */
  public record Report(
      String invoiceId, boolean agrees, long events, List<Difference> differences) {
    public Report {
      differences = List.copyOf(differences);
    }
  }

  /** An amount on the invoice or of an event that differs from the computed one. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Difference(
      String what, Optional<String> eventId, NanoUsd shown, NanoUsd computed) {}

  private static final class Count {
    private final List<Difference> differences = new ArrayList<>();
    private final Map<String, NanoUsd> byKey = new TreeMap<>();
    private final Map<String, NanoUsd> lateByJob = new TreeMap<>();
    private NanoUsd lateSum = NanoUsd.ZERO;
    private long events;

    void differ(String what, Optional<String> eventId, NanoUsd shown, NanoUsd computed) {
      if (!shown.equals(computed) && differences.size() < MAX_DIFFERENCES) {
        differences.add(new Difference(what, eventId, shown, computed));
      }
    }
  }

  /** Verifies an invoice. */
  public Report of(Invoice invoice) {
    if (Invoice.CREDIT_NOTE.equals(invoice.kind())) {
      return new Report(invoice.id(), true, 0, List.of());
    }
    Count count = new Count();
    Set<String> late = new HashSet<>();
    transactions.run(
        tx -> {
          tx.query("select event_id from adjustment where invoice_id = $1", invoice.id())
              .forEach(row -> late.add(row.getString(0)));
          return late;
        });
    events.each(
        new UsageQuestion(
            invoice.identity().periodStart(),
            invoice.identity().periodEnd(),
            "total",
            List.of(),
            new UsageQuestion.Filters(
                Optional.of(invoice.tenantId()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()),
            1,
            Optional.empty()),
        event -> {
          if (!event.view().billing().late()
              && !"quarantined".equals(event.view().billing().state())) {
            NanoUsd cost = rated(count, event);
            count.byKey.merge(
                event.view().who().keyId()
                    + '\n'
                    + event.view().job().capability()
                    + '\n'
                    + event.view().job().model(),
                cost,
                NanoUsd::plus);
          }
        });
    for (String eventId : late) {
      StoredEvents.Event event =
          events.find(eventId).orElseThrow(() -> Refusal.notFound("event").raise());
      NanoUsd cost = rated(count, event);
      count.lateSum = count.lateSum.plus(cost);
      count.lateByJob.merge(
          event.view().job().capability() + '\n' + event.view().job().model(), cost, NanoUsd::plus);
    }
    transactions.run(tx -> compare(tx, invoice, count));
    return new Report(invoice.id(), count.differences.isEmpty(), count.events, count.differences);
  }

  /**
   * Computes the cost of an event again; for a reversal, the negated cost of the event it reverses.
   */
  private NanoUsd rated(Count count, StoredEvents.Event event) {
    UsageEventView view = event.view();
    count.events++;
    if (view.billing().isReversal()) {
      StoredEvents.Event original =
          events
              .find(view.billing().corrects())
              .orElseThrow(() -> Refusal.notFound("event").raise());
      NanoUsd cost = computed(original).negated();
      count.differ("event", Optional.of(view.eventId()), view.amounts().cost(), cost);
      return cost;
    }
    NanoUsd cost = computed(event);
    count.differ("event", Optional.of(view.eventId()), view.amounts().cost(), cost);
    return cost;
  }

  private NanoUsd computed(StoredEvents.Event event) {
    UsageEventView view = event.view();
    if ("failed".equals(view.job().outcome())) {
      return NanoUsd.ZERO;
    }
    Optional<Plan> plan = plans.version(view.billing().plan());
    if (plan.isEmpty()) {
      return NanoUsd.ZERO;
    }
    return switch (Rating.rate(
        plan.get(),
        view.job().capability(),
        view.job().model(),
        view.measured().units(),
        event.position().orElse(PeriodUsage.START))) {
      case Rated.Priced priced -> {
        NanoUsd sponsored = priced.sponsored().map(Sponsored::amount).orElse(NanoUsd.ZERO);
        NanoUsd stored =
            view.amounts().sponsored() == null ? NanoUsd.ZERO : view.amounts().sponsored();
        yield sponsored.equals(stored)
            ? priced.total()
            : priced.total().plus(sponsored).minus(stored);
      }
      case Rated.NoPrice none -> NanoUsd.ZERO;
    };
  }

  private boolean compare(Tx tx, Invoice invoice, Count count) {
    Map<String, NanoUsd> shown = new TreeMap<>();
    for (Invoice.KeyLine line : invoice.keys()) {
      shown.put(line.keyId() + '\n' + line.capability() + '\n' + line.model(), line.exact());
    }
    Set<String> names = new HashSet<>(shown.keySet());
    names.addAll(count.byKey.keySet());
    for (String name : names) {
      count.differ(
          name.replace('\n', ' '),
          Optional.empty(),
          shown.getOrDefault(name, NanoUsd.ZERO),
          count.byKey.getOrDefault(name, NanoUsd.ZERO));
    }
    count.differ("late usage", Optional.empty(), sum(invoice, "late_usage"), count.lateSum);
    InvoiceMaker.Facts facts = invoices.factsOf(tx, invoice).orElseThrow();
    Invoice again =
        InvoiceMaker.make(
            new InvoiceMaker.Facts(
                facts.id(),
                invoice.parties(),
                facts.period(),
                invoice.keys().stream()
                    .map(
                        line ->
                            new InvoiceMaker.Used(
                                line.keyId(),
                                line.capability(),
                                line.model(),
                                line.jobs(),
                                line.units(),
                                count.byKey.getOrDefault(
                                    line.keyId() + '\n' + line.capability() + '\n' + line.model(),
                                    NanoUsd.ZERO)))
                    .toList(),
                late(tx, invoice),
                facts.segments(),
                new InvoiceMaker.Tax(facts.tax().name(), taxPercent(invoice))));
    for (String kind :
        List.of(
            "usage", "late_usage", "subscription", "minimum", "adjustment", "tax", "rounding")) {
      count.differ(kind, Optional.empty(), sum(invoice, kind), sum(again, kind));
    }
    count.differ("total", Optional.empty(), invoice.total(), again.total());
    count.differ("due", Optional.empty(), invoice.due(), again.due());
    return true;
  }

  private static java.math.BigDecimal taxPercent(Invoice invoice) {
    return invoice.lines().stream()
        .filter(line -> line.kind().equals("tax"))
        .flatMap(line -> line.percent().stream())
        .findFirst()
        .orElse(java.math.BigDecimal.ZERO);
  }

  private static List<InvoiceMaker.Late> late(Tx tx, Invoice invoice) {
    List<InvoiceMaker.Late> late = new ArrayList<>();
    for (Row row :
        tx.query(
            "select capability, model, count(*) events, sum(cost)::int8 cost from adjustment"
                + " where invoice_id = $1 group by 1, 2 order by 1, 2",
            invoice.id())) {
      late.add(
          new InvoiceMaker.Late(
              row.getString(0), row.getString(1), row.getLong(2), NanoUsd.ofNanos(row.getLong(3))));
    }
    return late;
  }

  private static NanoUsd sum(Invoice invoice, String kind) {
    return invoice.lines().stream()
        .filter(line -> line.kind().equals(kind))
        .map(Invoice.Line::exact)
        .reduce(NanoUsd.ZERO, NanoUsd::plus);
  }
}
