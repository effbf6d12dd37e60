package io.naap.metering.invoice;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.webhook.Announcements;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An invoice or a credit note. Each line has its exact amount and that amount rounded to cents; a
 * rounding line makes both columns add up to what is due.
 *
 * @param kind {@code invoice} or {@code credit_note}
 * @param number the number shown to people, consecutive without gaps; absent for a draft
 * @param status {@code draft}, {@code final}, {@code paid}, {@code void} or {@code uncollectible}
 * @param prepaid true when the tenant paid for its jobs in advance, so that nothing is due
 * @param keys the same usage by key, for tenants that bill their own customers by key
 * @param subtotal the exact sum of all lines except tax and rounding
 * @param total the exact sum of all lines
 * @param due the amount to pay, in whole cents
 * @param ofInvoice the id of the invoice that a credit note credits
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Invoice(
    String id,
    String tenantId,
    String kind,
    Optional<String> number,
    String status,
    Instant periodStart,
    Instant periodEnd,
    String seller,
    String billTo,
    boolean prepaid,
    List<Line> lines,
    List<KeyLine> keys,
    NanoUsd subtotal,
    NanoUsd tax,
    NanoUsd total,
    NanoUsd due,
    NanoUsd paid,
    Optional<Instant> finalizedAt,
    Optional<Instant> dueAt,
    Optional<String> ofInvoice) {
  public static final String INVOICE = "invoice";
  public static final String CREDIT_NOTE = "credit_note";

  public Invoice {
    lines = List.copyOf(lines);
    keys = List.copyOf(keys);
  }

  /**
   * One line of an invoice.
   *
   * @param kind {@code usage}, {@code late_usage} or the kind of a {@code FeeCharged}
   * @param exact the amount to the nano-dollar
   * @param amount the amount rounded to cents
   * @param percent the tax rate of a tax line
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Line(
      String kind,
      String description,
      Optional<String> capability,
      Optional<String> model,
      Optional<Long> jobs,
      Optional<Units> units,
      Optional<BigDecimal> percent,
      NanoUsd exact,
      NanoUsd amount) {
    static Line of(String kind, String description, NanoUsd exact) {
      return new Line(
          kind,
          description,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          exact,
          Cents.of(exact));
    }

    Line withPercent(BigDecimal percent) {
      return new Line(
          kind, description, capability, model, jobs, units, Optional.of(percent), exact, amount);
    }

    Line withAmount(NanoUsd amount) {
      return new Line(kind, description, capability, model, jobs, units, percent, exact, amount);
    }
  }

  /** The usage of one key of one capability and model. */
  public record KeyLine(
      String keyId, String capability, String model, long jobs, Units units, NanoUsd exact) {}

  Invoice with(
      String newStatus,
      Optional<String> newNumber,
      Optional<Instant> newFinalizedAt,
      Optional<Instant> newDueAt,
      NanoUsd newPaid) {
    return new Invoice(
        id,
        tenantId,
        kind,
        newNumber,
        newStatus,
        periodStart,
        periodEnd,
        seller,
        billTo,
        prepaid,
        lines,
        keys,
        subtotal,
        tax,
        total,
        due,
        newPaid,
        newFinalizedAt,
        newDueAt,
        ofInvoice);
  }

  /** The webhook announcement that this document is final. */
  Announcements.Announcement announcement() {
    return new Announcements.Announcement(
        tenantId,
        CREDIT_NOTE.equals(kind) ? "credit_note.issued" : "invoice.finalized",
        id,
        () -> Json.write(this));
  }
}
