package io.naap.metering.invoice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.period.Period;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;

class InvoicePdfTest {
  private static final PdfFonts FONTS = new PdfFonts(Optional.empty());

  @Test
  void namesKeepTheirLettersInLatinGreekAndCyrillic() throws IOException {
    String text =
        text(
            invoice(
                1,
                "Gateway GmbH\nHauptstra\u00dfe 1",
                """
                \u041e\u041e\u041e \u0420\u043e\u043c\u0430\u0448\u043a\u0430
                Za\u017c\u00f3\u0142\u0107
                \u0391\u03b8\u03ae\u03bd\u03b1"""));

    assertThat(text)
        .contains("Gateway GmbH", "Hauptstra\u00dfe 1")
        .contains("\u041e\u041e\u041e \u0420\u043e\u043c\u0430\u0448\u043a\u0430")
        .contains("Za\u017c\u00f3\u0142\u0107")
        .contains("\u0391\u03b8\u03ae\u03bd\u03b1");
  }

  @Test
  void aLetterThatNoFontHasIsAQuestionMark() throws IOException {
    assertThat(text(invoice(1, "Seller", "a \u65e5 b\u0007c"))).contains("a ? b c");
  }

  @Test
  void refusesASecondFontThatIsNone() {
    assertThatThrownBy(() -> new PdfFonts(Optional.of(Path.of("pom.xml"))))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("naap.metering.invoice.font");
  }

  @Test
  void amountsStandBelowEachOtherAndTimeIsInSeconds() throws IOException {
    assertThat(text(invoice(1, "Seller", "Buyer")))
        .contains("1.500000000", "1.50")
        .contains("61.5 seconds");
  }

  @Test
  void everyPageHasTheNumberAndTheHeadingOfItsTable() throws IOException {
    byte[] pdf = InvoicePdf.of(invoice(120, "Seller", "Buyer"), FONTS);

    try (PDDocument document = Loader.loadPDF(pdf)) {
      int pages = document.getNumberOfPages();
      assertThat(pages).isGreaterThan(2);
      for (int page = 1; page <= pages; page++) {
        PDFTextStripper one = new PDFTextStripper();
        one.setStartPage(page);
        one.setEndPage(page);
        assertThat(one.getText(document)).contains("INV-7", "Jobs", page + " / " + pages);
      }
    }
  }

  private static String text(Invoice invoice) throws IOException {
    try (PDDocument document = Loader.loadPDF(InvoicePdf.of(invoice, FONTS))) {
      return new PDFTextStripper().getText(document);
    }
  }

  private static Invoice invoice(int keys, String seller, String billTo) {
    List<InvoiceMaker.Used> used =
        IntStream.range(0, keys)
            .mapToObj(
                at ->
                    new InvoiceMaker.Used(
                        "key_" + at,
                        "live-video-to-video",
                        "m",
                        1,
                        Units.NONE.with(Unit.MILLISECONDS, 61_500),
                        NanoUsd.parse("1.5")))
            .toList();
    Instant now = Instant.parse("2026-11-02T00:00:00Z");
    return InvoiceMaker.make(
            new InvoiceMaker.Facts(
                "inv_1",
                new Invoice.Parties("ten_1", seller, billTo, false),
                Period.of(1, Instant.parse("2026-10-05T00:00:00Z")),
                used,
                List.of(),
                List.of(),
                new InvoiceMaker.Tax("Tax", BigDecimal.ZERO)))
        .with(
            new Invoice.Progress(
                Optional.of("INV-7"), "final", Optional.of(now), Optional.of(now), NanoUsd.ZERO));
  }
}
