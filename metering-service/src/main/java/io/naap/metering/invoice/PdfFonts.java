package io.naap.metering.invoice;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;

/**
 * The fonts of invoices: DejaVu Sans for Latin, Greek and Cyrillic, and optionally one that the
 * operator configures, for example for Chinese, Japanese or Korean. Each document embeds only the
 * characters it uses.
 */
@ApplicationScoped
class PdfFonts {
  private static final String DEJAVU = "/fonts/DejaVuSans.ttf";

  private final List<byte[]> files;

  @Inject
  PdfFonts(InvoiceConfig config) {
    this(config.font());
  }

  /**
   * Reads the font files.
   *
   * @param second a TrueType file for characters that DejaVu Sans does not have
   */
  PdfFonts(Optional<Path> second) {
    List<byte[]> all = new ArrayList<>();
    try (InputStream dejaVu = PdfFonts.class.getResourceAsStream(DEJAVU)) {
      all.add(dejaVu.readAllBytes());
      if (second.isPresent()) {
        byte[] file = Files.readAllBytes(second.get());
        new TTFParser().parse(new RandomAccessReadBuffer(file)).close();
        all.add(file);
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(
          "naap.metering.invoice.font must name a TrueType file that can be read", unreadable);
    }
    files = List.copyOf(all);
  }

  /** Loads the fonts into a document, in the order in which they are tried for a character. */
  List<PDFont> loadInto(PDDocument document) throws IOException {
    List<PDFont> fonts = new ArrayList<>();
    for (byte[] file : files) {
      fonts.add(
          PDType0Font.load(
              document, new TTFParser().parse(new RandomAccessReadBuffer(file)), true));
    }
    return fonts;
  }
}
