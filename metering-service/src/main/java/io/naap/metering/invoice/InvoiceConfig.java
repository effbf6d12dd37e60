package io.naap.metering.invoice;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings for the closing of periods and for invoices. */
@ConfigMapping(prefix = "naap.metering.invoice")
public interface InvoiceConfig {
  /**
   * The time from the end of a period until it is closed; usage that arrives later is on the next
   * invoice.
   */
  @WithDefault("PT24H")
  Duration grace();

  /** The time from an unpaid invoice's due date until its tenant is suspended. */
  @WithDefault("P14D")
  Duration suspendAfter();

  /** The seller's name and address on invoices, several lines if needed. */
  @WithDefault("NaaP operator")
  String seller();

  /**
   * A TrueType file for characters that DejaVu Sans lacks, such as Chinese, Japanese and Korean.
   */
  Optional<Path> font();

  /** The prefix of every invoice number. */
  @WithDefault("INV-")
  String numberPrefix();

  /** How often to look for periods to close. */
  @WithDefault("PT1M")
  Duration every();
}
