package io.naap.metering.invoice;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes an invoice as PDF 1.4 (ISO 32000-1) with the fonts every reader has. Written out here:
 * what an invoice needs is text and lines, and the libraries there are bring a desktop toolkit
 * along that a native executable cannot carry.
 */
final class InvoicePdf {
  /** A4, in points. */
  private static final int WIDTH = 595;

  private static final int HEIGHT = 842;
  private static final int LEFT = 50;
  private static final int RIGHT = WIDTH - 50;
  private static final int BOTTOM = 70;

  /** Letters with a stroke, which is no accent, and what they are without. */
  private static final String STROKES = "ŁłĐđĦħŦŧı";

  private static final String PLAIN = "LlDdHhTti";
  private static final Charset WIN_ANSI = Charset.forName("windows-1252");

  /** Widths of Helvetica's characters 32 to 126, in thousandths of its size. */
  private static final int[] WIDTHS = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584
  };

  private final List<StringBuilder> pages = new ArrayList<>();
  private StringBuilder page;
  private int y;
  private String number = "";
  private Optional<Runnable> heading = Optional.empty();

  private InvoicePdf() {}

  static byte[] of(Invoice invoice) {
    InvoicePdf pdf = new InvoicePdf();
    pdf.write(invoice);
    return pdf.bytes();
  }

  private void write(Invoice invoice) {
    startPage();
    number = invoice.number().orElse("");
    String title = Invoice.CREDIT_NOTE.equals(invoice.kind()) ? "Credit note" : "Invoice";
    text(LEFT, 20, true, title + (invoice.number().isEmpty() ? " (draft)" : ""));
    right(RIGHT, 12, true, invoice.number().orElse(""));
    y -= 28;
    right(RIGHT, 10, false, invoice.finalizedAt().map(InvoicePdf::day).orElse("not final"));
    for (String line : address(invoice.seller())) {
      text(LEFT, 10, false, line);
      y -= 13;
    }
    y -= 17;
    String name = "Billed to";
    for (String line : address(invoice.billTo())) {
      pair(name, line);
      name = "";
    }
    if (!invoice.billTo().equals(invoice.tenantId())) {
      pair("Tenant", invoice.tenantId());
    }
    pair(
        "Period",
        day(invoice.periodStart()) + " to " + day(invoice.periodEnd().minusMillis(1)) + " (UTC)");
    pair("Status", isPaidInAdvance(invoice) ? "paid in advance" : invoice.status());
    if (!invoice.due().isZero()) {
      pair("Due", invoice.dueAt().map(InvoicePdf::day).orElse(""));
    }
    y -= 16;
    lines(invoice);
    totals(invoice);
    if (!invoice.keys().isEmpty()) {
      keys(invoice);
    }
  }

  private static boolean isPaidInAdvance(Invoice invoice) {
    return invoice.prepaid() && "paid".equals(invoice.status());
  }

  /** The lines of an address, as many as a letter has. */
  private static List<String> address(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).limit(8).toList();
  }

  private void lines(Invoice invoice) {
    table("Description", "Jobs", "Exact, USD", "USD");
    for (Invoice.Line line : invoice.lines()) {
      room(30);
      text(LEFT, 9, false, fitted(line.description() + percent(line), 9, 255));
      right(365, 9, false, line.jobs().map(InvoicePdf::count).orElse(""));
      right(470, 9, false, exact(line.exact()));
      right(RIGHT, 9, false, line.amount().toString());
      String units = line.units().map(InvoicePdf::units).orElse("");
      if (!units.isEmpty()) {
        y -= 11;
        text(LEFT + 8, 7, false, fitted(units, 7, RIGHT - LEFT - 8));
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

  private void totals(Invoice invoice) {
    room(50);
    total("Total, exact", exact(invoice.total()));
    total("Amount due, USD", invoice.due().toString());
    y -= 10;
  }

  private void total(String name, String amount) {
    text(330, 10, true, name);
    right(RIGHT, 10, true, amount);
    y -= 16;
  }

  private void keys(Invoice invoice) {
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
          fitted(line.keyId() + "  " + line.capability() + "  " + line.model(), 7, 290));
      right(365, 8, false, count(line.jobs()));
      right(470, 8, false, exact(line.exact()));
      y -= 13;
    }
  }

  /** All nine decimals, so that points stand below each other. */
  private static String exact(NanoUsd amount) {
    return amount.toDollars().setScale(9).toPlainString();
  }

  /** A table whose heading is on each of its pages. */
  private void table(String first, String second, String third, String fourth) {
    heading = Optional.of(() -> header(first, second, third, fourth));
    header(first, second, third, fourth);
  }

  private void header(String first, String second, String third, String fourth) {
    text(LEFT, 9, true, first);
    right(365, 9, true, second);
    right(470, 9, true, third);
    right(RIGHT, 9, true, fourth);
    y -= 5;
    rule();
  }

  private void rule() {
    page.append("0.6 w %d %d m %d %d l S%n".formatted(LEFT, y, RIGHT, y));
    y -= 15;
  }

  private void pair(String name, String value) {
    text(LEFT, 10, true, name);
    text(LEFT + 80, 10, false, fitted(value, 10, RIGHT - LEFT - 80));
    y -= 15;
  }

  private void room(int points) {
    if (y - points < BOTTOM) {
      startPage();
      right(RIGHT, 9, true, number);
      y -= 20;
      heading.ifPresent(Runnable::run);
    }
  }

  private void startPage() {
    page = new StringBuilder();
    pages.add(page);
    y = HEIGHT - 70;
  }

  private void text(int x, int size, boolean bold, String text) {
    page.append(
        "BT /%s %d Tf %d %d Td (%s) Tj ET%n"
            .formatted(bold ? "F2" : "F1", size, x, y, escaped(text)));
  }

  private void right(int x, int size, boolean bold, String text) {
    text(x - width(text, size, bold), size, bold, text);
  }

  /** A little too much for bold, so that it never runs out of its column. */
  private static int width(String text, int size, boolean bold) {
    int sum = 0;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      sum += c >= 32 && c <= 126 ? WIDTHS[c - 32] : 600;
    }
    return Math.ceilDiv((bold ? sum + 30 * text.length() : sum) * size, 1000);
  }

  private static String fitted(String text, int size, int points) {
    String fit = text;
    while (fit.length() > 4 && width(fit, size, false) > points) {
      fit = fit.substring(0, fit.length() - 4) + "...";
    }
    return fit;
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    String known = known(text);
    for (int at = 0; at < known.length(); at++) {
      char c = known.charAt(at);
      if (c == '(' || c == ')' || c == '\\') {
        escaped.append('\\');
      }
      escaped.append(c);
    }
    return escaped.toString();
  }

  /** In the letters the fonts have: others without their accents, or as a question mark. */
  private static String known(String text) {
    CharsetEncoder letters = WIN_ANSI.newEncoder();
    StringBuilder known = new StringBuilder();
    text.codePoints()
        .forEach(
            code -> {
              String letter = Character.toString(code);
              if (code >= ' ' && letters.canEncode(letter)) {
                known.append(letter);
                return;
              }
              int stroke = STROKES.indexOf(letter);
              String plain =
                  stroke >= 0
                      ? PLAIN.substring(stroke, stroke + 1)
                      : Normalizer.normalize(letter, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
              known.append(
                  code >= ' ' && !plain.isEmpty() && letters.canEncode(plain) ? plain : "?");
            });
    return known.toString();
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

  private byte[] bytes() {
    List<String> objects = new ArrayList<>();
    String kids =
        java.util.stream.IntStream.range(0, pages.size())
            .mapToObj(at -> (5 + 2 * at) + " 0 R")
            .collect(Collectors.joining(" "));
    objects.add("<< /Type /Catalog /Pages 2 0 R >>");
    objects.add("<< /Type /Pages /Kids [" + kids + "] /Count " + pages.size() + " >>");
    objects.add(font("Helvetica"));
    objects.add(font("Helvetica-Bold"));
    for (int at = 0; at < pages.size(); at++) {
      objects.add(
          "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
              .formatted(WIDTH, HEIGHT, 6 + 2 * at));
      String foot =
          "BT /F1 8 Tf %d 40 Td (%d / %d) Tj ET".formatted(RIGHT - 20, at + 1, pages.size());
      String content = pages.get(at) + foot;
      objects.add(
          "<< /Length %d >>%nstream%n%s%nendstream"
              .formatted(content.getBytes(WIN_ANSI).length, content)
              .replace(System.lineSeparator(), "\n"));
    }
    return assembled(objects);
  }

  private static String font(String name) {
    return "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
        .formatted(name);
  }

  private static byte[] assembled(List<String> objects) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringBuilder table = new StringBuilder("0000000000 65535 f \n");
    out.writeBytes("%PDF-1.4\n".getBytes(StandardCharsets.US_ASCII));
    for (int at = 0; at < objects.size(); at++) {
      table.append(String.format(Locale.ROOT, "%010d 00000 n \n", out.size()));
      out.writeBytes((at + 1 + " 0 obj\n" + objects.get(at) + "\nendobj\n").getBytes(WIN_ANSI));
    }
    String end =
        "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            .formatted(objects.size() + 1, table, objects.size() + 1, out.size());
    out.writeBytes(end.getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }
}
