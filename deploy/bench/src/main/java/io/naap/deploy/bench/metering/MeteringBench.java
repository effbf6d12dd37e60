package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The figures of issue 5, on two cores with the stores beside, synchronous commit on. */
public final class MeteringBench {

  private final Options options;
  private final Figures figures;
  private final MeteringLab lab;

  private MeteringBench(Options options, Figures figures, MeteringLab lab) {
    this.options = options;
    this.figures = figures;
    this.lab = lab;
  }

  /**
   * How much.
   *
   * @param events taken in at once
   * @param stored beforehand, made inside the database
   * @param invoices closed and rendered
   * @param parts of the run; empty for all
   * @param data where what is stored is kept from one part to the next, when they run apart
   * @param empty the rate measured with nothing stored, when that part ran before
   */
  public record Options(
      int events,
      int stored,
      int invoices,
      Set<String> parts,
      Optional<Path> data,
      Optional<BigDecimal> empty) {
    /** What can be measured apart: each in a few minutes, so that a machine may be shared. */
    public static final Set<String> PARTS =
        Set.of("ingest", "latency", "invoices", "store", "dashboard", "full", "export");

    public Options {
      parts = Set.copyOf(parts);
      if (!PARTS.containsAll(parts)) {
        throw new IllegalArgumentException("the parts are " + PARTS);
      }
    }

    boolean has(String part) {
      return parts.isEmpty() || parts.contains(part);
    }
  }

  public static void run(Path root, Options options, Figures figures) throws Exception {
    try (MeteringLab lab =
        new MeteringLab(root, options.data, options.parts.equals(Set.of("store")))) {
      new MeteringBench(options, figures, lab).run();
    }
  }

  private void run() throws Exception {
    // The first start makes the schema, and loads what no figure should pay for.
    MeteringLab.Service first = figures.step("start metering-service", () -> lab.start("warm"));
    first.stop();
    IngestRate ingest = new IngestRate(figures, lab, options.events, options.stored);
    Optional<BigDecimal> empty = options.empty;
    if (options.has("ingest")) {
      empty = Optional.of(ingest.empty());
    }
    if (options.has("latency")) {
      new EventLatency(figures, lab).measure();
    }
    if (options.has("invoices")) {
      new InvoiceRun(figures, lab, options.invoices).measure();
    }
    if (options.has("store")) {
      figures.step(
          "%,d events stored, 30 days".formatted(options.stored),
          new StoredMonth(lab, options.stored)::make);
    }
    if (options.has("dashboard")) {
      new DashboardQuery(figures, lab, options.stored).measure();
    }
    if (options.has("full")) {
      ingest.full(empty);
    }
    if (options.has("export")) {
      new ExportMemory(figures, lab, options.stored).measure();
    }
  }
}
