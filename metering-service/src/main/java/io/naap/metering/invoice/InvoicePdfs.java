package io.naap.metering.invoice;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Writes invoices as PDF, a few at a time: each document reads the fonts, which takes some
 * megabytes of memory and tens of milliseconds of a core. Blocks; runs on virtual threads.
 */
@ApplicationScoped
class InvoicePdfs {
  private static final int AT_ONCE = 4;
  private static final long MOST_WAITED_SECONDS = 10;

  private final PdfFonts fonts;
  private final Semaphore free = new Semaphore(AT_ONCE);

  InvoicePdfs(PdfFonts fonts) {
    this.fonts = fonts;
  }

  /** The document; empty when too many others were asked for first. */
  Optional<byte[]> of(Invoice invoice) {
    try {
      if (!free.tryAcquire(MOST_WAITED_SECONDS, TimeUnit.SECONDS)) {
        return Optional.empty();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    try {
      return Optional.of(InvoicePdf.of(invoice, fonts));
    } finally {
      free.release();
    }
  }
}
