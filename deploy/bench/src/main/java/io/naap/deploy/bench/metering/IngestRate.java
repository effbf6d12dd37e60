package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.Jedis;

/** Events stored, rolled up and rated a second, beside what the disk can do. */
final class IngestRate {
  private static final String COMMITTED = "select coalesce(sum(committed), 0) from spool";
  private static final long PATIENCE_NANOS = 300_000_000_000L;
  private final Figures figures;
  private final MeteringLab lab;
  private final int events;
  private final int stored;
  private final Traffic traffic = new Traffic(Traffic.TENANTS, 7);

  IngestRate(Figures figures, MeteringLab lab, int events, int stored) {
    this.figures = figures;
    this.lab = lab;
    this.events = events;
    this.stored = stored;
  }

  BigDecimal empty() throws Exception {
    BigDecimal empty = measure("nothing");
    figures.atLeast(
        "events stored exactly once, rolled up and rated, per second",
        empty,
        "1/s",
        "10000",
        "40000");
    BigDecimal copy = copy();
    figures.plain("plain COPY of the same rows into one table", copy, "1/s");
    figures.ratio("plain COPY / events stored, rolled up and rated", copy, empty);
    return empty;
  }

  void full(Optional<BigDecimal> empty) throws Exception {
    BigDecimal full = measure("%,d events".formatted(stored));
    figures.plain("events per second with %,d stored".formatted(stored), full, "1/s");
    if (empty.isPresent()) {
      figures.atLeast(
          "ingest rate with %,d stored / empty".formatted(stored),
          full.divide(empty.get(), 2, RoundingMode.HALF_EVEN),
          "x",
          "0.8",
          "1.0");
    }
  }

  /**
   * From the first third to the last event: code is loaded and compiled in the first. What is asked
   * on the way is one row, so that asking takes nothing away; the sums are compared at the end.
   */
  BigDecimal measure(String stored) throws Exception {
    long before = lab.number("select coalesce(sum(events), 0) from usage_day");
    long committed = lab.number(COMMITTED);
    try (Jedis jedis = lab.redis();
        ChargeTaker charges = ChargeTaker.start(lab, false)) {
      figures.step(
          "%,d events on the stream, %s stored".formatted(events, stored),
          () -> {
            List<String> part = new ArrayList<>();
            Instant now = Instant.now();
            for (int at = 0; at < events; at++) {
              part.add(traffic.next(now.minusMillis(at % 60_000)).json());
              if (part.size() == 10_000) {
                MeteringLab.publish(jedis, part);
                part.clear();
              }
            }
            MeteringLab.publish(jedis, part);
            return "published";
          });
      lab.execute("checkpoint");
      MeteringLab.Service service = lab.start("metering");
      try {
        long mark = events / 3;
        long from = 0;
        long counted = 0;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (counted < events) {
          Thread.sleep(25);
          counted = lab.number(COMMITTED) - committed;
          if (from == 0 && counted >= mark) {
            from = System.nanoTime();
            mark = counted;
          }
          if (System.nanoTime() > end) {
            throw new IllegalStateException("only " + counted + " events were stored");
          }
        }
        long took = System.nanoTime() - from;
        while (charges.taken() < events) {
          Thread.sleep(20);
          if (System.nanoTime() > end) {
            throw new IllegalStateException("charges are missing");
          }
        }
        long summed = lab.number("select sum(events) from usage_day") - before;
        figures.must(
            "every event is counted and charged once",
            summed == events && charges.taken() == events,
            "all announced %s after the last was stored"
                .formatted(Figures.spent(System.nanoTime() - from - took)));
        return BigDecimal.valueOf(events - mark)
            .multiply(BigDecimal.valueOf(1_000_000_000L))
            .divide(BigDecimal.valueOf(took), 0, RoundingMode.HALF_EVEN);
      } finally {
        service.stop();
      }
    }
  }

  /** The same rows, from a file on the same disk, into a table with the same primary key. */
  private BigDecimal copy() throws Exception {
    lab.execute(
        "create table bench_copy (like usage_event including defaults, primary key (event_id))");
    // Postgres writes it, so it is in the database's own folder, and gone with it.
    String file = lab.text("select current_setting('data_directory')") + "/bench-copy.bin";
    lab.execute(
        "copy (select * from usage_event limit 500000) to '%s' (format binary)".formatted(file));
    lab.execute("checkpoint");
    long start = System.nanoTime();
    lab.execute("copy bench_copy from '%s' (format binary)".formatted(file));
    long took = System.nanoTime() - start;
    long rows = lab.number("select count(*) from bench_copy");
    lab.execute("drop table bench_copy");
    Files.deleteIfExists(Path.of(file));
    return BigDecimal.valueOf(rows)
        .multiply(BigDecimal.valueOf(1_000_000_000L))
        .divide(BigDecimal.valueOf(took), 0, RoundingMode.HALF_EVEN);
  }
}
