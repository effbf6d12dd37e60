package io.naap.metering.invoice;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes an {@link Invoice} as a PDF document. */
final class InvoicePdf {
  private static final int LEFT = 50;
  private static final int RIGHT = PdfSheets.WIDTH - 50;
  private static final int BOTTOM = 70;

  private final PdfSheets sheets;
  private int y;
  private String number = "";
  private Optional<Header> heading = Optional.empty();

  private InvoicePdf(PdfSheets sheets) {
    this.sheets = sheets;
  }

  /** The column headings of a table, repeated on each of its pages. */
  private record Header(String first, String second, String third, String fourth) {}

  static byte[] of(Invoice invoice, PdfFonts fonts) {
    try (PdfSheets sheets = new PdfSheets(fonts)) {
      new InvoicePdf(sheets).write(invoice);
      return sheets.finish((page, pages) -> page + " / " + pages);
    } catch (IOException impossible) {
      // Everything is in memory, so no I/O can fail.
      throw new UncheckedIOException(impossible);
    }
  }

  private void write(Invoice invoice) throws IOException {
    startPage();
    number = invoice.number().orElse("");
    String title = Invoice.CREDIT_NOTE.equals(invoice.kind()) ? "Credit note" : "Invoice";
    text(LEFT, 20, true, title + (invoice.number().isEmpty() ? " (draft)" : ""));
    right(RIGHT, 12, true, invoice.number().orElse(""));
    y -= 28;
    right(
        RIGHT,
        10,
        false,
        invoice.progress().finalizedAt().map(InvoicePdf::day).orElse("not final"));
    for (String line : address(invoice.parties().seller())) {
      text(LEFT, 10, false, line);
      y -= 13;
    }
    y -= 17;
    String name = "Billed to";
    for (String line : address(invoice.parties().billTo())) {
      pair(name, line);
      name = "";
    }
    if (!invoice.parties().billTo().equals(invoice.tenantId())) {
      pair("Tenant", invoice.tenantId());
    }
    pair(
        "Period",
        day(invoice.identity().periodStart())
            + " to "
            + day(invoice.identity().periodEnd().minusMillis(1))
            + " (UTC)");
    pair("Status", isPaidInAdvance(invoice) ? "paid in advance" : invoice.status());
    if (!invoice.due().isZero()) {
      pair("Due", invoice.progress().dueAt().map(InvoicePdf::day).orElse(""));
    }
    y -= 16;
    lines(invoice);
    totals(invoice);
    if (!invoice.keys().isEmpty()) {
      keys(invoice);
    }
  }

  private static boolean isPaidInAdvance(Invoice invoice) {
    return invoice.parties().prepaid() && "paid".equals(invoice.status());
  }

  /** The non-empty lines of an address, at most eight. */
  private static List<String> address(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).limit(8).toList();
  }

  private void lines(Invoice invoice) throws IOException {
    table("Description", "Jobs", "Exact, USD", "USD");
    for (Invoice.Line line : invoice.lines()) {
      room(30);
      text(LEFT, 9, false, sheets.fitted(line.description() + percent(line), 9, 255));
      right(365, 9, false, line.ran().jobs().map(InvoicePdf::count).orElse(""));
      right(470, 9, false, exact(line.exact()));
      right(RIGHT, 9, false, line.amount().toString());
      String units = line.ran().units().map(InvoicePdf::units).orElse("");
      if (!units.isEmpty()) {
        y -= 11;
        text(LEFT + 8, 7, false, sheets.fitted(units, 7, RIGHT - LEFT - 8));
      }
      y -= 15;
    }
    heading = Optional.empty();
    rule();
  }

  private static String percent(Invoice.Line line) {
    return line.percent()
        .map(percent -> " " + percent.stripTrailingZeros().toPlainString() + " %")
        .orElse("");
  }

  private void totals(Invoice invoice) throws IOException {
    room(50);
    total("Total, exact", exact(invoice.total()));
    total("Amount due, USD", invoice.due().toString());
    y -= 10;
  }

  private void total(String name, String amount) throws IOException {
    text(330, 10, true, name);
    right(RIGHT, 10, true, amount);
    y -= 16;
  }

  private void keys(Invoice invoice) throws IOException {
    room(60);
    y -= 10;
    text(LEFT, 12, true, "The same usage, by key");
    y -= 20;
    table("Key, capability, model", "Jobs", "Exact, USD", "");
    for (Invoice.KeyLine line : invoice.keys()) {
      room(18);
      text(
          LEFT,
          7,
          false,
          sheets.fitted(line.keyId() + "  " + line.capability() + "  " + line.model(), 7, 290));
      right(365, 8, false, count(line.jobs()));
      right(470, 8, false, exact(line.exact()));
      y -= 13;
    }
  }

  /** Always nine decimals, so that decimal points are below each other. */
  private static String exact(NanoUsd amount) {
    return amount.toDollars().setScale(9).toPlainString();
  }

  /** Starts a table whose column headings are repeated on each of its pages. */
  private void table(String first, String second, String third, String fourth) throws IOException {
    Header header = new Header(first, second, third, fourth);
    heading = Optional.of(header);
    show(header);
  }

  private void show(Header header) throws IOException {
    text(LEFT, 9, true, header.first);
    right(365, 9, true, header.second);
    right(470, 9, true, header.third);
    right(RIGHT, 9, true, header.fourth);
    y -= 5;
    rule();
  }

  private void rule() throws IOException {
    sheets.rule(LEFT, RIGHT, y);
    y -= 15;
  }

  private void pair(String name, String value) throws IOException {
    text(LEFT, 10, true, name);
    text(LEFT + 80, 10, false, sheets.fitted(value, 10, RIGHT - LEFT - 80));
    y -= 15;
  }

  private void room(int points) throws IOException {
    if (y - points < BOTTOM) {
      startPage();
      right(RIGHT, 9, true, number);
      y -= 20;
      if (heading.isPresent()) {
        show(heading.get());
      }
    }
  }

  private void startPage() throws IOException {
    sheets.startPage();
    y = PdfSheets.HEIGHT - 70;
  }

  private void text(int x, int size, boolean bold, String text) throws IOException {
    sheets.text(x, y, size, bold, text);
  }

  private void right(int x, int size, boolean bold, String text) throws IOException {
    sheets.right(x, y, size, bold, text);
  }

  private static String day(Instant at) {
    return at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  private static String count(long count) {
    return "%,d".formatted(count);
  }

  private static String seconds(long milliseconds) {
    String thousandths = "%03d".formatted(milliseconds % 1_000).replaceAll("0+$", "");
    return "%,d".formatted(milliseconds / 1_000) + (thousandths.isEmpty() ? "" : "." + thousandths);
  }

  private static String units(Units units) {
    return units.amounts().entrySet().stream()
        .filter(one -> one.getKey() != Unit.REQUESTS)
        .map(
            one ->
                one.getKey() == Unit.MILLISECONDS
                    ? seconds(one.getValue()) + " seconds"
                    : "%,d %s".formatted(one.getValue(), one.getKey().wireName().replace('_', ' ')))
        .collect(Collectors.joining(", "));
  }
}
