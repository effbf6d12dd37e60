package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an export needs of memory, however long it is. */
final class ExportMemory {
  private static final int EXPORTED = 10_000_000;
  private final Figures figures;
  private final MeteringLab lab;
  private final int stored;

  ExportMemory(Figures figures, MeteringLab lab, int stored) {
    this.figures = figures;
    this.lab = lab;
    this.stored = stored;
  }

  /** So many days that they hold ten million events, or all there are. */
  void measure() throws Exception {
    MeteringLab.Service service = lab.start("metering");
    try {
      Instant to = LocalDate.now(ZoneOffset.UTC).atStartOfDay(ZoneOffset.UTC).toInstant();
      long days = Math.min(30, Math.ceilDiv(EXPORTED, stored / 30));
      Instant from = to.minusSeconds(days * 86_400);
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      service.url() + "/v1/usage/export?format=jsonl&from=" + from + "&to=" + to))
              .header("Authorization", "Bearer " + lab.credentials.operatorToken())
              .build();
      long expected =
          lab.number(
              "select sum(events) from usage_day where bucket >= '%s' and bucket < '%s'"
                  .formatted(from, to));
      long start = System.nanoTime();
      long lines = 0;
      List<Long> alive = new ArrayList<>();
      List<Long> resident = new ArrayList<>();
      byte[] buffer = new byte[1 << 16];
      try (InputStream in =
          lab.http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
        long nextSample = expected / 20;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          for (int at = 0; at < read; at++) {
            lines += buffer[at] == '\n' ? 1 : 0;
          }
          if (lines >= nextSample) {
            nextSample += expected / 20;
            alive.add(service.liveMebibytes());
            resident.add(service.residentMebibytes());
          }
        }
      } catch (IOException broken) {
        throw new IllegalStateException("the export broke after " + lines + " events", broken);
      }
      long took = System.nanoTime() - start;
      figures.must(
          "the export has every event",
          lines == expected,
          "%,d of %,d events in %s, %,d a second"
              .formatted(lines, expected, Figures.spent(took), lines * 1_000_000_000L / took));
      // A sample is of one moment, with more or less under way: growth is what quarters differ in.
      int quarter = alive.size() / 4;
      figures.atMost(
          "memory while exporting %,d events, alive after collection: last quarter / first"
              .formatted(lines),
          BigDecimal.valueOf(median(alive.subList(alive.size() - quarter, alive.size())))
              .divide(
                  BigDecimal.valueOf(median(alive.subList(0, quarter))), 2, RoundingMode.HALF_EVEN),
          "x",
          "1.1",
          "1.05");
      figures.plain(
          "most alive on the heap in the export",
          BigDecimal.valueOf(alive.stream().mapToLong(Long::longValue).max().orElseThrow()),
          "MiB");
      int middle = alive.size() / 2;
      for (Map.Entry<String, Integer> when :
          List.of(
              Map.entry("start", 0),
              Map.entry("middle", middle),
              Map.entry("end", alive.size() - 1))) {
        figures.plain(
            "alive on the heap at the " + when.getKey() + " of the export",
            BigDecimal.valueOf(alive.get(when.getValue())),
            "MiB");
        figures.plain(
            "resident memory at the " + when.getKey() + " of the export",
            BigDecimal.valueOf(resident.get(when.getValue())),
            "MiB");
      }
    } finally {
      service.stop();
    }
  }

  private static long median(List<Long> samples) {
    return samples.stream().sorted().skip(samples.size() / 2).findFirst().orElseThrow();
  }
}
