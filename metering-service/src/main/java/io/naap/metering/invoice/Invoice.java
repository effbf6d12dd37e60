package io.naap.metering.invoice;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
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
 * rounding line makes both columns add up to what is due. In JSON the fields of all parts form one
 * flat object.
 *
 * @param keys the same usage by key, for tenants that bill their own customers by key
 */
public record Invoice(
    @JsonUnwrapped Identity identity,
    @JsonUnwrapped Parties parties,
    @JsonUnwrapped Progress progress,
    List<Line> lines,
    List<KeyLine> keys,
    @JsonUnwrapped Totals totals) {
  public static final String INVOICE = "invoice";
  public static final String CREDIT_NOTE = "credit_note";

  public Invoice {
    lines = List.copyOf(lines);
    keys = List.copyOf(keys);
  }

  /**
   * Identifies the document and the period it is for.
   *
   * @param kind {@code invoice} or {@code credit_note}
   * @param ofInvoice the id of the invoice that a credit note credits
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Identity(
      String id, String kind, Instant periodStart, Instant periodEnd, Optional<String> ofInvoice) {}

  /**
   * Who bills whom.
   *
   * @param prepaid true when the tenant paid for its jobs in advance, so that nothing is due
   */
  public record Parties(String tenantId, String seller, String billTo, boolean prepaid) {}

  /**
   * How far the document is.
   *
   * @param number the number shown to people, consecutive without gaps; absent for a draft
   * @param status {@code draft}, {@code final}, {@code paid}, {@code void} or {@code uncollectible}
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Progress(
      Optional<String> number,
      String status,
      Optional<Instant> finalizedAt,
      Optional<Instant> dueAt,
      NanoUsd paid) {
    static final Progress DRAFT =
        new Progress(Optional.empty(), "draft", Optional.empty(), Optional.empty(), NanoUsd.ZERO);

    Progress with(String newStatus, NanoUsd newPaid) {
      return new Progress(number, newStatus, finalizedAt, dueAt, newPaid);
    }
  }

  /**
   * The sums of the lines.
   *
   * @param subtotal the exact sum of all lines except tax and rounding
   * @param total the exact sum of all lines
   * @param due the amount to pay, in whole cents
   */
  public record Totals(NanoUsd subtotal, NanoUsd tax, NanoUsd total, NanoUsd due) {}

  /**
   * One line of an invoice.
   *
   * @param kind {@code usage}, {@code late_usage} or the kind of a {@code FeeCharged}
   * @param percent the tax rate of a tax line
   * @param exact the amount to the nano-dollar
   * @param amount the amount rounded to cents
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Line(
      String kind,
      String description,
      @JsonUnwrapped Jobs ran,
      Optional<BigDecimal> percent,
      NanoUsd exact,
      NanoUsd amount) {
    static Line of(String kind, String description, NanoUsd exact) {
      return of(kind, description, Jobs.NONE, exact);
    }

    static Line of(String kind, String description, Jobs ran, NanoUsd exact) {
      return new Line(kind, description, ran, Optional.empty(), exact, Cents.of(exact));
    }

    Line withPercent(BigDecimal percent) {
      return new Line(kind, description, ran, Optional.of(percent), exact, amount);
    }

    Line withAmount(NanoUsd amount) {
      return new Line(kind, description, ran, percent, exact, amount);
    }
  }

  /** The jobs that a line of usage is for; absent parts in other lines. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Jobs(
      Optional<String> capability,
      Optional<String> model,
      Optional<Long> jobs,
      Optional<Units> units) {
    static final Jobs NONE =
        new Jobs(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The usage of one key of one capability and model. */
  public record KeyLine(
      String keyId, String capability, String model, long jobs, Units units, NanoUsd exact) {}

  public String id() {
    return identity.id;
  }

  public String kind() {
    return identity.kind;
  }

  public String tenantId() {
    return parties.tenantId;
  }

  public Optional<String> number() {
    return progress.number;
  }

  public String status() {
    return progress.status;
  }

  NanoUsd total() {
    return totals.total;
  }

  NanoUsd due() {
    return totals.due;
  }

  Invoice with(Progress newProgress) {
    return new Invoice(identity, parties, newProgress, lines, keys, totals);
  }

  /** The webhook announcement that this document is final. */
  Announcements.Announcement announcement() {
    return new Announcements.Announcement(
        tenantId(),
        CREDIT_NOTE.equals(kind()) ? "credit_note.issued" : "invoice.finalized",
        id(),
        () -> Json.write(this));
  }
}
