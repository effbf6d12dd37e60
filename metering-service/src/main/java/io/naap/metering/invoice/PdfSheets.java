package io.naap.metering.invoice;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.graphics.state.RenderingMode;

/** A4 pages with text and rules, by PDFBox. Positions are in points, from the lower left corner. */
final class PdfSheets implements AutoCloseable {
  static final int WIDTH = 595;
  static final int HEIGHT = 842;

  private final PDDocument document = new PDDocument();
  private final List<PDFont> fonts;
  private PDPageContentStream page;

  PdfSheets(PdfFonts fonts) throws IOException {
    this.fonts = fonts.loadInto(document);
  }

  void startPage() throws IOException {
    if (page != null) {
      page.close();
    }
    PDPage added = new PDPage(PDRectangle.A4);
    document.addPage(added);
    page = new PDPageContentStream(document, added);
  }

  void rule(int from, int to, int y) throws IOException {
    page.setLineWidth(0.6f);
    page.moveTo(from, y);
    page.lineTo(to, y);
    page.stroke();
  }

  void text(float x, int y, int size, boolean bold, String text) throws IOException {
    page.beginText();
    page.newLineAtOffset(x, y);
    // There is no bold font: bold letters are drawn with an outline.
    page.setRenderingMode(bold ? RenderingMode.FILL_STROKE : RenderingMode.FILL);
    page.setLineWidth(size * 0.03f);
    for (Run run : runs(text)) {
      page.setFont(run.font, size);
      page.showText(run.text);
    }
    page.endText();
  }

  void right(float x, int y, int size, boolean bold, String text) throws IOException {
    text(x - width(text, size), y, size, bold, text);
  }

  float width(String text, int size) throws IOException {
    float width = 0;
    for (Run run : runs(text)) {
      width += run.font.getStringWidth(run.text) / 1_000 * size;
    }
    return width;
  }

  /** Shortens a text, with an ellipsis at its end, until it fits a width. */
  String fitted(String text, int size, int points) throws IOException {
    String fit = text;
    while (fit.length() > 4 && width(fit, size) > points) {
      fit = fit.substring(0, fit.offsetByCodePoints(fit.length(), -2)) + "\u2026";
    }
    return fit;
  }

  /** A part of a text in one font. */
  private record Run(PDFont font, String text) {}

  /**
   * Splits a text into runs, each character in the first font that has it; a question mark where
   * none has.
   */
  private List<Run> runs(String text) {
    List<Run> runs = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    PDFont current = fonts.getFirst();
    for (int code : text.codePoints().toArray()) {
      String letter = Character.toString(Character.isISOControl(code) ? ' ' : code);
      PDFont font = fontOf(letter);
      if (font == null) {
        letter = "?";
        font = fonts.getFirst();
      }
      if (!font.equals(current)) {
        add(runs, current, open);
        current = font;
      }
      open.append(letter);
    }
    add(runs, current, open);
    return runs;
  }

  private static void add(List<Run> runs, PDFont font, StringBuilder text) {
    if (!text.isEmpty()) {
      runs.add(new Run(font, text.toString()));
      text.setLength(0);
    }
  }

  private PDFont fontOf(String letter) {
    for (PDFont font : fonts) {
      try {
        font.encode(letter);
        return font;
      } catch (IllegalArgumentException | IOException missing) {
        // The next font may have it.
      }
    }
    return null;
  }

  int pages() {
    return document.getNumberOfPages();
  }

  /** Finishes the document, with a text at the lower right of each page. */
  byte[] finish(PageFoot foot) throws IOException {
    page.close();
    for (int at = 0; at < pages(); at++) {
      page =
          new PDPageContentStream(
              document, document.getPage(at), PDPageContentStream.AppendMode.APPEND, true, true);
      right(WIDTH - 50, 40, 8, false, foot.of(at + 1, pages()));
      page.close();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    document.save(out);
    return out.toByteArray();
  }

  /** The text at the foot of a page. */
  interface PageFoot {
    String of(int number, int pages);
  }

  @Override
  public void close() throws IOException {
    document.close();
  }
}
