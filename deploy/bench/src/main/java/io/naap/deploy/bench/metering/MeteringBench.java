package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import redis.clients.jedis.Jedis;

/** The figures of issue 5, on two cores with the stores beside, synchronous commit on. */
public final class MeteringBench {
  private static final int TENANTS = 200;
  private static final int RATE = 2_000;
  private static final int LATENCY_SECONDS = 40;
  private static final int QUERIES = 300;
  private static final long PATIENCE_NANOS = 300_000_000_000L;

  private final Options options;
  private final Figures figures;
  private final MeteringLab lab;
  private final Traffic traffic = new Traffic(TENANTS, 7);

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
   */
  public record Options(int events, int stored, int invoices) {}

  public static void run(Path root, Options options, Figures figures) throws Exception {
    try (MeteringLab lab = new MeteringLab(root)) {
      new MeteringBench(options, figures, lab).run();
    }
  }

  private void run() throws Exception {
    // The first start makes the schema, and loads what no figure should pay for.
    MeteringLab.Service first = figures.step("start metering-service", () -> lab.start("warm"));
    first.stop();
    BigDecimal empty = ingest("nothing");
    figures.atLeast(
        "events stored exactly once, rolled up and rated, per second",
        empty,
        "1/s",
        "10000",
        "40000");
    BigDecimal copy = copy();
    figures.plain("plain COPY of the same rows into one table", copy, "1/s");
    figures.ratio("plain COPY / events stored, rolled up and rated", copy, empty);
    latency();
    figures.step("%,d events stored, 30 days".formatted(options.stored), this::store);
    dashboard();
    BigDecimal full = ingest("%,d events".formatted(options.stored));
    figures.plain("events per second with %,d stored".formatted(options.stored), full, "1/s");
    figures.atLeast(
        "ingest rate with %,d stored / empty".formatted(options.stored),
        full.divide(empty, 2, RoundingMode.HALF_EVEN),
        "x",
        "0.8",
        "1.0");
    export();
    invoices();
  }

  private static String spent(long nanos) {
    return nanos / 1_000_000 + " ms";
  }

  /** From the first third to the last event: code is loaded and compiled in the first. */
  private BigDecimal ingest(String stored) throws Exception {
    long before = lab.number("select coalesce(sum(events), 0) from usage_day");
    long charges;
    try (Jedis jedis = lab.redis()) {
      charges = jedis.xlen("naap:charges");
      figures.step(
          "%,d events on the stream, %s stored".formatted(options.events, stored),
          () -> {
            List<String> part = new ArrayList<>();
            Instant now = Instant.now();
            for (int at = 0; at < options.events; at++) {
              part.add(traffic.next(now.minusMillis(at % 60_000)).json());
              if (part.size() == 10_000) {
                MeteringLab.publish(jedis, part);
                part.clear();
              }
            }
            MeteringLab.publish(jedis, part);
            return "published";
          });
      MeteringLab.Service service = lab.start("metering");
      try {
        long mark = options.events / 3;
        long from = 0;
        long counted = 0;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (counted < options.events) {
          counted = lab.number("select coalesce(sum(events), 0) from usage_day") - before;
          if (from == 0 && counted >= mark) {
            from = System.nanoTime();
            mark = counted;
          }
          if (System.nanoTime() > end) {
            throw new IllegalStateException("only " + counted + " events were stored");
          }
          Thread.sleep(5);
        }
        long took = System.nanoTime() - from;
        while (jedis.xlen("naap:charges") - charges < options.events) {
          Thread.sleep(20);
          if (System.nanoTime() > end) {
            throw new IllegalStateException("charges are missing");
          }
        }
        figures.must(
            "every event is charged once",
            jedis.xlen("naap:charges") - charges == options.events,
            "all announced %s after the last was stored"
                .formatted(spent(System.nanoTime() - from - took)));
        return BigDecimal.valueOf(options.events - mark)
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
    lab.execute(
        "copy (select * from usage_event limit 500000) to '/tmp/naap-bench-copy.bin' (format binary)");
    long start = System.nanoTime();
    lab.execute("copy bench_copy from '/tmp/naap-bench-copy.bin' (format binary)");
    long took = System.nanoTime() - start;
    long rows = lab.number("select count(*) from bench_copy");
    lab.execute("drop table bench_copy");
    java.nio.file.Files.deleteIfExists(Path.of("/tmp/naap-bench-copy.bin"));
    return BigDecimal.valueOf(rows)
        .multiply(BigDecimal.valueOf(1_000_000_000L))
        .divide(BigDecimal.valueOf(took), 0, RoundingMode.HALF_EVEN);
  }

  /** Five events a second are looked for from the moment it is on the stream until it is shown. */
  private void latency() throws Exception {
    MeteringLab.Service service = lab.start("metering");
    ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    try (Jedis jedis = lab.redis();
        ExecutorService lookers = Executors.newFixedThreadPool(4)) {
      List<Future<?>> looks = new ArrayList<>();
      long start = System.nanoTime();
      int ticks = LATENCY_SECONDS * 50;
      for (int tick = 0; tick < ticks; tick++) {
        List<String> events = new ArrayList<>();
        Traffic.Event last = null;
        for (int at = 0; at < RATE / 50; at++) {
          last = traffic.next(Instant.now());
          events.add(last.json());
        }
        MeteringLab.publish(jedis, events);
        long published = System.nanoTime();
        String id = last.eventId();
        boolean warm = tick >= 10 * 50;
        if (tick % 10 == 0) {
          looks.add(
              lookers.submit(
                  () -> {
                    String token = lab.credentials.operatorToken();
                    HttpRequest request =
                        HttpRequest.newBuilder(URI.create(service.url() + "/v1/usage/events/" + id))
                            .header("Authorization", "Bearer " + token)
                            .build();
                    while (lab.http
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                        != 200) {
                      Thread.sleep(10);
                    }
                    if (warm) {
                      seen.add(System.nanoTime() - published);
                    }
                    return id;
                  }));
        }
        long next = start + (tick + 1) * 20_000_000L;
        Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
      }
      for (Future<?> look : looks) {
        look.get();
      }
    } finally {
      service.stop();
    }
    long[] nanos = seen.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(nanos);
    figures.latency("event to visible usage, p50 at 2,000 events/s", Figures.percentile(nanos, 50));
    figures.latencyAtMost(
        "event to visible usage, p99 at 2,000 events/s",
        Figures.percentile(nanos, 99),
        "500",
        "150");
  }

  /**
   * Events of thirty days and their sums, made inside the database: what would be there by then.
   */
  private String store() throws Exception {
    lab.execute(
        "select usage_partition((now() at time zone 'UTC')::date - n) from generate_series(1, 31) n");
    int perDay = options.stored / 30;
    for (int day = 1; day <= 30; day++) {
      lab.execute(
          """
          insert into usage_event (event_id, spool_position, opened_at, occurred_at, received_at, requests, pixels,
            generations, tokens_in, tokens_out, milliseconds, characters, cost, estimated_cost, latency_millis, sequence,
            status, tenant_id, key_id, capability, model, tier, pool, gateway, instance, outcome, plan, state, tags)
          select id_floor(at) || lpad(n::text, 16, '0') || '-0', n, at, at, at, 1, 1000000, 1, 0, 0, 0, 0, 5000000, 0, 20, 0,
            200, 'ten_01kaq3v7g8' || lpad((n %% %d)::text, 16, '0'), 'key_01kaq3v7g8' || lpad((n %% %d)::text, 16, '0'),
            (array['text-to-image', 'llm', 'upscale', 'text-to-speech'])[1 + n %% 4], 'bench/model-' || n %% 5,
            'standard', 'default', 'gateway-a', 'stored', 'succeeded', '%s', 'accepted', '{}'
          from (select n, date_trunc('day', now(), 'UTC') - interval '%d days' + n * (interval '23 hours' / %d) as at
            from generate_series(1, %d) n) made"""
              .formatted(TENANTS, TENANTS * 2, Traffic.PLAN, day, perDay, perDay));
    }
    lab.execute(
        """
        insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late,
          jobs, events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, sponsored,
          waived, network_cost)
        select g, date_trunc(g, occurred_at, 'UTC'), tenant_id, key_id, capability, model, tier, status, outcome, late,
          count(*), count(*), sum(requests), sum(pixels), sum(generations), 0, 0, 0, 0, sum(cost), 0, 0, 0
        from usage_event, unnest(array['hour', 'day']) g where instance = 'stored'
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 on conflict do nothing""");
    lab.execute("vacuum analyze");
    return lab.number("select count(*) from usage_event") + " events";
  }

  private void dashboard() throws Exception {
    MeteringLab.Service service = lab.start("metering");
    try {
      long[] nanos = new long[QUERIES];
      String token = lab.credentials.operatorToken();
      for (int at = 0; at < QUERIES + 50; at++) {
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(
                        service.url()
                            + "/v1/usage?granularity=day&group_by=model&limit=100&tenant_id="
                            + Traffic.tenant(at % TENANTS)))
                .header("Authorization", "Bearer " + token)
                .build();
        long start = System.nanoTime();
        HttpResponse<String> answer = lab.http.send(request, HttpResponse.BodyHandlers.ofString());
        long took = System.nanoTime() - start;
        if (answer.statusCode() != 200 || !answer.body().contains("bench/model")) {
          throw new IllegalStateException(answer.statusCode() + answer.body());
        }
        if (at >= 50) {
          nanos[at - 50] = took;
        }
      }
      Arrays.sort(nanos);
      figures.latencyAtMost(
          "dashboard query (30 days by day and model) with %,d events stored, p99"
              .formatted(options.stored),
          Figures.percentile(nanos, 99),
          "100",
          "20");
    } finally {
      service.stop();
    }
  }

  private void export() throws Exception {
    MeteringLab.Service service = lab.start("metering");
    try {
      Instant to = Instant.now().plusSeconds(60);
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      service.url()
                          + "/v1/usage/export?format=jsonl&from="
                          + to.minusSeconds(40L * 86_400)
                          + "&to="
                          + to))
              .header("Authorization", "Bearer " + lab.credentials.operatorToken())
              .build();
      long start = System.nanoTime();
      long lines = 0;
      long early = 0;
      long most = 0;
      byte[] buffer = new byte[1 << 16];
      try (InputStream in =
          lab.http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
        long nextSample = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          for (int at = 0; at < read; at++) {
            lines += buffer[at] == '\n' ? 1 : 0;
          }
          if (lines >= nextSample) {
            nextSample = lines + 50_000;
            long resident = service.residentMebibytes();
            // What a process needs to run at all is there after the first tenth.
            if (lines < options.stored / 10) {
              early = Math.max(early, resident);
            }
            most = Math.max(most, resident);
          }
        }
      } catch (IOException broken) {
        throw new IllegalStateException("the export broke after " + lines + " events", broken);
      }
      figures.must(
          "the export has every event",
          lines == lab.number("select count(*) from usage_event"),
          lines + " events in " + spent(System.nanoTime() - start));
      figures.atMost(
          "memory while exporting %,d events: most / after the first tenth".formatted(lines),
          BigDecimal.valueOf(most).divide(BigDecimal.valueOf(early), 2, RoundingMode.HALF_EVEN),
          "x",
          "1.25",
          "1.1");
      figures.plain("resident memory while exporting, most", BigDecimal.valueOf(most), "MiB");
    } finally {
      service.stop();
    }
  }

  /** A month of so many tenants: their sums are there, the month is over. */
  private void invoices() throws Exception {
    lab.execute(
        """
        insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late,
          jobs, events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, sponsored,
          waived, network_cost)
        select 'day', date_trunc('month', now(), 'UTC') - interval '1 month' + d * interval '1 day',
          'ten_01kaq3v7g9' || lpad(t::text, 16, '0'), 'key_01kaq3v7g9' || lpad((t * 2 + d %% 2)::text, 16, '0'),
          (array['text-to-image', 'llm', 'upscale', 'text-to-speech'])[1 + d %% 4], 'bench/model-' || d %% 5, 'standard', 200,
          'succeeded', false, 10, 10, 10, 1000000, 10, 0, 0, 0, 0, 5000000 + t, 0, 0, 0
        from generate_series(1, %d) t, generate_series(0, 27) d"""
            .formatted(options.invoices));
    lab.execute("vacuum analyze usage_day");
    long before = lab.number("select count(*) from invoice where status <> 'draft'");
    long start = System.nanoTime();
    MeteringLab.Service service = lab.start("metering", "naap.metering.invoice.every=PT1S");
    try {
      long end = System.nanoTime() + PATIENCE_NANOS;
      while (lab.number(
              "select count(*) from invoice where status <> 'draft' and tenant_id like 'ten_01kaq3v7g9%'")
          < options.invoices) {
        Thread.sleep(50);
        if (System.nanoTime() > end) {
          throw new IllegalStateException("invoices are missing");
        }
      }
      long closed = System.nanoTime() - start;
      List<String> ids = new ArrayList<>();
      for (int at = 0; at < options.invoices; at += 1_000) {
        String page =
            "select string_agg(id, ',') from (select id from invoice where tenant_id like 'ten_01kaq3v7g9%%' order by id limit 1000 offset %d) p"
                .formatted(at);
        ids.addAll(List.of(lab.text(page).split(",", -1)));
      }
      long rendering = System.nanoTime();
      long bytes = render(service, ids);
      long rendered = System.nanoTime() - rendering;
      figures.step(
          "invoices closed " + spent(closed) + ", rendered " + spent(rendered),
          () -> bytes / 1024 + " KiB of PDF");
      figures.atMost(
          "close and render %,d invoices, start of the service included"
              .formatted(options.invoices),
          BigDecimal.valueOf(closed + rendered, 9).setScale(1, RoundingMode.HALF_EVEN),
          "s",
          "120",
          "30");
      figures.must(
          "invoice numbers have no gaps",
          lab.number("select max(number) - count(*) from invoice where number is not null") == 0,
          lab.number("select count(*) from invoice where status <> 'draft'")
              - before
              + " invoices");
    } finally {
      service.stop();
    }
  }

  private long render(MeteringLab.Service service, List<String> ids) throws Exception {
    String token = lab.credentials.operatorToken();
    long bytes = 0;
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> all = new ArrayList<>();
      for (String id : ids) {
        all.add(
            () -> {
              HttpResponse<byte[]> answer =
                  lab.http.send(
                      HttpRequest.newBuilder(
                              URI.create(service.url() + "/v1/invoices/" + id + "/pdf"))
                          .header("Authorization", "Bearer " + token)
                          .build(),
                      HttpResponse.BodyHandlers.ofByteArray());
              if (answer.statusCode() != 200) {
                throw new IllegalStateException(id + " answered " + answer.statusCode());
              }
              return answer.body().length;
            });
      }
      for (Future<Integer> one : pool.invokeAll(all)) {
        bytes += one.get();
      }
    }
    return bytes;
  }
}
