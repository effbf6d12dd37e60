package io.naap.metering.invoice;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Filter;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.Proration;
import io.naap.contracts.rating.Rated;
import io.naap.contracts.rating.Rating;
import io.naap.contracts.rating.Terms;
import io.naap.metering.period.Period;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random histories of a tenant (plans, changes of plan, jobs, corrections, jobs paid in credits,
 * late jobs, tax). The invoice of each is compared with whole-number arithmetic that is written
 * independently.
 */
class HistoryTest {
  private static final Period NOVEMBER = Period.of(1, Instant.parse("2026-11-05T00:00:00Z"));
  private static final long DAYS = 30;

  private static final long CREDIT_UNITS = 7;

  /**
   * A job.
   *
   * @param inCredits true for an image, which is paid in credits
   * @param right the correct units when the job is corrected; below zero when it is not
   */
  private record Job(long units, boolean inCredits, long right) {
    boolean isTakenBack() {
      return right >= 0;
    }
  }

  /** One segment under one plan, with a fee, a tiered price, a price in credits and a minimum. */
  private record Stretch(
      long days,
      long feeNanos,
      long minimumNanos,
      long border,
      long low,
      long high,
      long credits,
      long creditNanos,
      List<Job> jobs) {
    /** What a number of units costs by the tiers. */
    BigInteger upTo(long units) {
      long cheap = Math.min(units, border);
      return BigInteger.valueOf(cheap)
          .multiply(BigInteger.valueOf(low))
          .add(BigInteger.valueOf(units - cheap).multiply(BigInteger.valueOf(high)));
    }

    BigInteger inCredits(long units) {
      return halfEven(
          BigInteger.valueOf(units * credits).multiply(BigInteger.valueOf(creditNanos)),
          BigInteger.valueOf(CREDIT_UNITS));
    }

    /** What the jobs of the segment cost; a corrected job is refunded at what it cost then. */
    BigInteger spent() {
      BigInteger sum = BigInteger.ZERO;
      long counted = 0;
      for (Job job : jobs) {
        long kept = job.isTakenBack() ? job.right : job.units;
        if (job.inCredits) {
          sum = sum.add(inCredits(kept));
        } else {
          sum = sum.add(upTo(counted + kept)).subtract(upTo(counted));
          counted += kept;
        }
      }
      return sum;
    }
  }

  @Property(tries = 10_000)
  void theInvoiceIsWhatWholeNumbersSay(@ForAll long seed) {
    Random random = new Random(seed);
    List<Stretch> history = new ArrayList<>();
    long left = DAYS;
    while (left > 0) {
      long days = random.nextInt(3) == 0 ? left : 1 + random.nextInt((int) left);
      List<Job> jobs = new ArrayList<>();
      for (int count = random.nextInt(8); count > 0; count--) {
        jobs.add(
            new Job(
                random.nextInt(500),
                random.nextInt(3) == 0,
                random.nextInt(4) == 0 ? random.nextInt(2) * random.nextInt(500) : -1));
      }
      history.add(
          new Stretch(
              days,
              random.nextLong(2) * random.nextLong(100_000_000_000L),
              random.nextLong(2) * random.nextLong(1_000_000_000L),
              1 + random.nextInt(600),
              random.nextLong(10_000_000L),
              random.nextLong(10_000_000L),
              random.nextInt(20),
              random.nextLong(10_000_000L),
              jobs));
      left -= days;
    }
    long lateNanos = random.nextInt(3) == 0 ? random.nextLong(1_000_000_000L) : 0;
    BigDecimal tax = BigDecimal.valueOf(random.nextInt(3) * random.nextLong(300_000), 4);
    boolean prepaid = random.nextBoolean();

    Invoice invoice = InvoiceMaker.make(facts(history, lateNanos, tax, prepaid));

    BigInteger sum = BigInteger.valueOf(lateNanos);
    for (Stretch segment : history) {
      BigInteger jobs = segment.spent();
      BigInteger least =
          BigInteger.valueOf(segment.minimumNanos)
              .multiply(BigInteger.valueOf(segment.days))
              .divide(BigInteger.valueOf(DAYS));
      sum = sum.add(jobs.max(least)).add(halfEven(segment.feeNanos * segment.days, DAYS));
    }
    BigInteger taxNanos =
        halfEven(
            sum.multiply(tax.movePointRight(4).toBigIntegerExact()), BigInteger.valueOf(1_000_000));
    BigInteger exact = sum.add(taxNanos);
    BigInteger cents = halfEven(exact, BigInteger.valueOf(10_000_000));
    BigInteger due = prepaid ? BigInteger.ZERO : cents.multiply(BigInteger.valueOf(10_000_000));

    assertThat(BigInteger.valueOf(invoice.totals().subtotal().nanos())).isEqualTo(sum);
    assertThat(BigInteger.valueOf(invoice.totals().tax().nanos())).isEqualTo(taxNanos);
    assertThat(BigInteger.valueOf(invoice.due().nanos())).isEqualTo(due);
    assertThat(BigInteger.valueOf(invoice.total().nanos()))
        .isEqualTo(due.signum() > 0 ? due : exact);
    assertThat(sum(invoice, true)).isEqualTo(invoice.total());
    assertThat(BigInteger.valueOf(sum(invoice, false).nanos()))
        .isEqualTo(cents.multiply(BigInteger.valueOf(10_000_000)));
    assertThat(InvoiceMaker.make(facts(history, lateNanos, tax, prepaid))).isEqualTo(invoice);
  }

  private static NanoUsd sum(Invoice invoice, boolean exact) {
    return invoice.lines().stream()
        .map(line -> exact ? line.exact() : line.amount())
        .reduce(NanoUsd.ZERO, NanoUsd::plus);
  }

  private static BigInteger halfEven(long value, long divisor) {
    return halfEven(BigInteger.valueOf(value), BigInteger.valueOf(divisor));
  }

  private static BigInteger halfEven(BigInteger value, BigInteger divisor) {
    BigInteger[] parts = value.divideAndRemainder(divisor);
    int tie = parts[1].shiftLeft(1).compareTo(divisor);
    boolean up = tie > 0 || (tie == 0 && parts[0].testBit(0));
    return up ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  private static InvoiceMaker.Facts facts(
      List<Stretch> history, long lateNanos, BigDecimal tax, boolean prepaid) {
    List<InvoiceMaker.Used> used = new ArrayList<>();
    List<InvoiceMaker.RatedSegment> segments = new ArrayList<>();
    for (int index = 0; index < history.size(); index++) {
      Stretch segment = history.get(index);
      Plan plan =
          new Plan(
              "pln_" + index,
              1,
              "Plan " + index,
              List.of(
                  new Charge.Subscription(BigDecimal.valueOf(segment.feeNanos, 9), List.of()),
                  new Charge.Credits(
                      Filter.capability("image"),
                      Unit.PIXELS,
                      CREDIT_UNITS,
                      BigDecimal.valueOf(segment.credits),
                      BigDecimal.valueOf(segment.creditNanos, 9)),
                  new Charge.Graduated(
                      Filter.capability("llm"),
                      Unit.REQUESTS,
                      1,
                      List.of(
                          new Charge.Tier(
                              Optional.of(segment.border), BigDecimal.valueOf(segment.low, 9)),
                          new Charge.Tier(Optional.empty(), BigDecimal.valueOf(segment.high, 9))))),
              new Terms(
                  Optional.empty(),
                  Optional.of(NanoUsd.ofNanos(segment.minimumNanos)),
                  Optional.empty(),
                  Optional.empty()));
      PeriodUsage position = PeriodUsage.START.withShare(new Proration(segment.days, DAYS));
      for (Job job : segment.jobs) {
        Rated.Priced rated = rate(plan, job, job.units, position);
        if (job.isTakenBack()) {
          position = rated.after().without(position, rated.after());
          rated = rate(plan, job, job.right, position);
        }
        position = rated.after();
        long units = job.isTakenBack() ? job.right : job.units;
        used.add(
            new InvoiceMaker.Used(
                "key_" + units % 2,
                capability(job),
                "m" + units % 3,
                1,
                units(job, units),
                rated.total()));
      }
      segments.add(
          new InvoiceMaker.RatedSegment(
              plan, new Proration(segment.days, DAYS), position.spent(), Optional.of(position)));
    }
    return new InvoiceMaker.Facts(
        "inv_1",
        new Invoice.Parties("ten_1", "seller", "buyer", prepaid),
        NOVEMBER,
        used,
        lateNanos == 0
            ? List.of()
            : List.of(new InvoiceMaker.Late("llm", "m", 1, NanoUsd.ofNanos(lateNanos))),
        segments,
        new InvoiceMaker.Tax("VAT", tax));
  }

  private static Rated.Priced rate(Plan plan, Job job, long units, PeriodUsage position) {
    return (Rated.Priced) Rating.rate(plan, capability(job), "m", units(job, units), position);
  }

  private static String capability(Job job) {
    return job.inCredits ? "image" : "llm";
  }

  private static Units units(Job job, long units) {
    return Units.of(job.inCredits ? Unit.PIXELS : Unit.REQUESTS, units);
  }
}
