package io.naap.metering.invoice;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.period.Period;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InvoicePdfTest {
  @Test
  void anAddressHasItsLinesAndLettersTheFontsLackLoseTheirAccents() {
    String pdf =
        pdf(invoice(1, "Gateway GmbH\nHauptstra\u00dfe 1", "Zo\u00eb \u0141ukasz \u0159 \u65e5"));

    assertThat(pdf)
        .contains("(Gateway GmbH) Tj", "(Hauptstra\u00dfe 1) Tj")
        .contains("(Zo\u00eb Lukasz r ?) Tj");
  }

  @Test
  void amountsStandBelowEachOtherAndTimeIsInSeconds() {
    assertThat(pdf(invoice(1, "Seller", "Buyer")))
        .contains("(1.500000000) Tj", "(1.50) Tj")
        .contains("(61.5 seconds) Tj");
  }

  @Test
  void everyPageHasTheNumberAndTheHeadingOfItsTable() {
    String pdf = pdf(invoice(120, "Seller", "Buyer"));

    int pages = pdf.split("/Type /Page ", -1).length - 1;
    assertThat(pages).isGreaterThan(2);
    assertThat(pdf.split("\\(INV-7\\) Tj", -1)).hasSize(pages + 1);
    assertThat(pdf.split("\\(Jobs\\) Tj", -1)).hasSizeGreaterThan(pages);
  }

  private static String pdf(Invoice invoice) {
    return new String(InvoicePdf.of(invoice), Charset.forName("windows-1252"));
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
                "ten_1",
                Period.of(1, Instant.parse("2026-10-05T00:00:00Z")),
                seller,
                billTo,
                false,
                used,
                List.of(),
                List.of(),
                "Tax",
                BigDecimal.ZERO))
        .with("final", Optional.of("INV-7"), Optional.of(now), Optional.of(now), NanoUsd.ZERO);
  }
}
