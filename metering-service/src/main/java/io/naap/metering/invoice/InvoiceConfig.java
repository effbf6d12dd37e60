package io.naap.metering.invoice;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** When periods are closed, and what invoices say. */
@ConfigMapping(prefix = "naap.metering.invoice")
public interface InvoiceConfig {
  /** From the end of a period until it is closed: what comes later is on the next invoice. */
  @WithDefault("PT24H")
  Duration grace();

  /** From an invoice's due date until its tenant is suspended. */
  @WithDefault("P14D")
  Duration suspendAfter();

  /** Who sells, as invoices name it. */
  @WithDefault("NaaP operator")
  String seller();

  /** A TrueType file for letters that DejaVu Sans lacks, such as Chinese, Japanese, Korean. */
  Optional<Path> font();

  /** Stands before the number. */
  @WithDefault("INV-")
  String numberPrefix();

  /** How often periods that are due are looked for. */
  @WithDefault("PT1M")
  Duration every();
}
