package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.Jedis;

/** The figures of issue 5, on two cores with the stores beside, synchronous commit on. */
public final class MeteringBench {
  private static final int TENANTS = 200;
  private static final int RATE = 2_000;
  private static final int TICKS = 50;
  private static final int WINDOW_SECONDS = 5;
  private static final int SLOW_WINDOWS = 4;
  private static final int WARM_WINDOWS = 16;
  private static final int MOST_WARM_WINDOWS = 40;
  private static final int LATENCY_SECONDS = 40;
  private static final long LOST_NANOS = 60_000_000_000L;
  private static final String LATENCY_TENANTS = "ten_01kaq3v7h1";
  private static final Pattern OWED = Pattern.compile("\"owed\":\\{\"amount\":\"([0-9.]+)\"");
  private static final int QUERIES = 300;
  private static final int EXPORTED = 10_000_000;
  private static final String COMMITTED = "select coalesce(sum(committed), 0) from spool";
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
    Optional<BigDecimal> empty = options.empty;
    if (options.has("ingest")) {
      empty = Optional.of(empty());
    }
    if (options.has("latency")) {
      latency();
    }
    if (options.has("invoices")) {
      invoices();
    }
    if (options.has("store")) {
      figures.step("%,d events stored, 30 days".formatted(options.stored), this::store);
    }
    if (options.has("dashboard")) {
      dashboard();
    }
    if (options.has("full")) {
      full(empty);
    }
    if (options.has("export")) {
      export();
    }
  }

  private BigDecimal empty() throws Exception {
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
    return empty;
  }

  private void full(Optional<BigDecimal> empty) throws Exception {
    BigDecimal full = ingest("%,d events".formatted(options.stored));
    figures.plain("events per second with %,d stored".formatted(options.stored), full, "1/s");
    if (empty.isPresent()) {
      figures.atLeast(
          "ingest rate with %,d stored / empty".formatted(options.stored),
          full.divide(empty.get(), 2, RoundingMode.HALF_EVEN),
          "x",
          "0.8",
          "1.0");
    }
  }

  private static String spent(long nanos) {
    return nanos / 1_000_000 + " ms";
  }

  /**
   * From the first third to the last event: code is loaded and compiled in the first. What is asked
   * on the way is one row, so that asking takes nothing away; the sums are compared at the end.
   */
  private BigDecimal ingest(String stored) throws Exception {
    long before = lab.number("select coalesce(sum(events), 0) from usage_day");
    long committed = lab.number(COMMITTED);
    try (Jedis jedis = lab.redis()) {
      jedis.del("naap:charges");
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
      lab.execute("checkpoint");
      MeteringLab.Service service = lab.start("metering");
      try {
        long mark = options.events / 3;
        long from = 0;
        long counted = 0;
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (counted < options.events) {
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
        while (announced(jedis) < options.events) {
          Thread.sleep(20);
          if (System.nanoTime() > end) {
            throw new IllegalStateException("charges are missing");
          }
        }
        long summed = lab.number("select sum(events) from usage_day") - before;
        figures.must(
            "every event is counted and charged once",
            summed == options.events && announced(jedis) == options.events,
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

  private static long announced(Jedis jedis) {
    return jedis.xlen("naap:charges");
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

  /** An event that is looked for, and what its tenant owes with it. */
  private record Sought(String eventId, String tenantId, long owed, long published) {}

  /**
   * Five events a second are looked for, from the moment it is on the stream until the event is
   * shown, and until the tenant's balance, which the clearinghouse books and tells back, has it.
   * Each is asked for every 40 ms over a kept connection: every question verifies a token, and
   * finer would measure the asking. The services are warm when windows of five seconds get no
   * faster; until then, compilers take more of the two cores than the events do.
   */
  private void latency() throws Exception {
    ConcurrentLinkedQueue<Long> shown = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> booked = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> window = new ConcurrentLinkedQueue<>();
    long[] owed = new long[TENANTS];
    MeteringLab.Service clearinghouse = lab.startClearinghouse();
    MeteringLab.Service service = lab.start("metering");
    try (Jedis jedis = lab.redis();
        ExecutorService lookers = Executors.newVirtualThreadPerTaskExecutor()) {
      jedis.del("naap:charges");
      String token = lab.credentials.operatorToken();
      List<Future<?>> looks = new ArrayList<>();
      // The generator's own tenants: what they owe is what was charged here.
      Traffic own = new Traffic(TENANTS, 17, LATENCY_TENANTS);
      long start = System.nanoTime();
      long before = Long.MAX_VALUE;
      int measured = 0;
      for (int tick = 0; measured < LATENCY_SECONDS * TICKS; tick++) {
        int windows = tick / (WINDOW_SECONDS * TICKS);
        if (measured == 0 && tick > 0 && tick % (WINDOW_SECONDS * TICKS) == 0) {
          long[] seen = window.stream().mapToLong(Long::longValue).sorted().toArray();
          window.clear();
          long median = seen.length == 0 ? Long.MAX_VALUE : Figures.percentile(seen, 50);
          boolean noFaster = median < 1_000_000_000L && median > before / 10 * 9;
          if ((windows >= WARM_WINDOWS && noFaster) || windows == MOST_WARM_WINDOWS) {
            measured = 1;
            figures.plain(
                "warmed up for", BigDecimal.valueOf((long) windows * WINDOW_SECONDS), "s");
          }
          before = median;
        } else if (measured > 0) {
          measured++;
        }
        // A quarter of the rate at first, so that nothing piles up that was never part of the load.
        int rate = measured > 0 ? RATE : Math.min(RATE, RATE / 4 * (1 + windows / SLOW_WINDOWS));
        List<String> events = new ArrayList<>();
        Traffic.Event last = null;
        for (int at = 0; at < rate / TICKS; at++) {
          last = own.next(Instant.now());
          owed[last.tenant()] += last.nanos();
          events.add(last.json());
        }
        MeteringLab.publish(jedis, events);
        Sought sought =
            new Sought(
                last.eventId(),
                own.tenantId(last.tenant()),
                owed[last.tenant()],
                System.nanoTime());
        boolean counts = measured > 0;
        // While it warms up, what is asked for must not be what makes it late.
        boolean few = looks.stream().filter(look -> !look.isDone()).count() < 6;
        if (tick % (TICKS / 5) == 0 && (counts || few)) {
          String event = service.url() + "/v1/usage/events/" + sought.eventId;
          String balance = service.url() + "/v1/usage/balance?tenant_id=" + sought.tenantId;
          looks.add(
              lookers.submit(
                  () ->
                      look(
                          event,
                          token,
                          answer -> true,
                          sought,
                          counts ? shown : new ConcurrentLinkedQueue<>())));
          looks.add(
              lookers.submit(
                  () ->
                      look(
                          balance,
                          token,
                          answer -> owed(answer) >= sought.owed,
                          sought,
                          counts ? booked : window)));
        }
        long next = start + (tick + 1) * (1_000_000_000L / TICKS);
        Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
      }
      for (Future<?> look : looks) {
        look.get();
      }
    } finally {
      service.stop();
      clearinghouse.stop();
    }
    report("event to visible usage", shown);
    report("event to visible balance", booked);
  }

  private void report(String name, Collection<Long> seen) {
    long[] nanos = seen.stream().mapToLong(Long::longValue).sorted().toArray();
    figures.latency(name + ", p50 at 2,000 events/s", Figures.percentile(nanos, 50));
    figures.latencyAtMost(
        name + ", p99 at 2,000 events/s", Figures.percentile(nanos, 99), "500", "150");
  }

  private String look(
      String url, String token, Predicate<String> there, Sought sought, Collection<Long> seen)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + token).build();
    while (true) {
      HttpResponse<String> answer = lab.http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 200 && there.test(answer.body())) {
        seen.add(System.nanoTime() - sought.published);
        return sought.eventId;
      }
      long waited = System.nanoTime() - sought.published;
      if (waited > LOST_NANOS) {
        // Counted with what it took until now: far above what it may.
        seen.add(waited);
        return "not seen";
      }
      // What is late already is asked for less often, so that asking does not make it later.
      Thread.sleep(Math.max(40, waited / 10_000_000));
    }
  }

  /** What a balance says is owed, in nano-dollars. */
  private static long owed(String balance) {
    Matcher amount = OWED.matcher(balance);
    return amount.find() ? new BigDecimal(amount.group(1)).movePointRight(9).longValueExact() : 0;
  }

  /**
   * Events of thirty days and their sums by hour and day, made inside the database, two days at a
   * time: what would be there by then. A day is filled before it becomes a partition, so that its
   * indexes are built at once.
   */
  private String store() throws Exception {
    int perDay = options.stored / 30;
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Callable<String>> days = new ArrayList<>();
      for (int day = 1; day <= 30; day++) {
        int back = day;
        days.add(
            () -> {
              // A run before this one may have been stopped between two days.
              if (!isStored(back)) {
                lab.together(day(back, perDay));
              }
              return "stored";
            });
      }
      for (Future<String> one : pool.invokeAll(days)) {
        one.get();
      }
    }
    lab.execute("vacuum (analyze, freeze off) usage_rollup");
    lab.execute("analyze usage_event");
    return lab.number("select sum(events) from usage_day where key_id like 'key_01kaq3v7g8%'")
        + " events, "
        + lab.number(
            "select sum(pg_total_relation_size(inhrelid)) / 1048576 from pg_inherits where inhparent = 'usage_event'::regclass")
        + " MiB";
  }

  private boolean isStored(int back) throws Exception {
    return lab.alone(
            "select count(*) from usage_day where bucket = date_trunc('day', now(), 'UTC') - interval '%d days'"
                    .formatted(back)
                + " and key_id like 'key_01kaq3v7g8%'")
        > 0;
  }

  private static List<String> day(int back, int perDay) {
    String name =
        "usage_event_"
            + LocalDate.now(ZoneOffset.UTC)
                .minusDays(back)
                .format(DateTimeFormatter.BASIC_ISO_DATE);
    String begin = "(date_trunc('day', now(), 'UTC') - interval '%d days')".formatted(back);
    int aSecond = Math.ceilDiv(perDay, 82_800);
    return List.of(
        "drop table if exists " + name,
        "create table %s (like usage_event including defaults including constraints)"
            .formatted(name),
        """
        insert into %1$s (event_id, spool_position, opened_at, occurred_at, received_at, requests, pixels,
          generations, tokens_in, tokens_out, milliseconds, characters, cost, estimated_cost, latency_millis, sequence,
          status, tenant_id, key_id, capability, model, tier, pool, gateway, instance, outcome, plan, state, tags)
        select prefix || lpad(n::text, 16, '0') || '-0', n, at, at + n %% 900 * interval '1 ms', at, 1, 1000000, 1, 0, 0, 0, 0,
          5000000, 0, 20, 0, 200, 'ten_01kaq3v7g8' || lpad((n %% %5$d)::text, 16, '0'),
          'key_01kaq3v7g8' || lpad((n %% %6$d)::text, 16, '0'),
          (array['text-to-image', 'llm', 'upscale', 'text-to-speech'])[1 + n %% 4], 'bench/model-' || n %% 5,
          'standard', 'default', 'gateway-a', 'stored', 'succeeded', '%7$s', 'accepted', '{}'
        from (select s, %2$s + s * interval '1 second' as at, id_floor(%2$s + s * interval '1 second') as prefix
          from generate_series(0, 82799) s offset 0) seconds,
          lateral generate_series(s * %3$d + 1, least((s + 1) * %3$d, %4$d)) n"""
            .formatted(name, begin, aSecond, perDay, TENANTS, TENANTS * 2, Traffic.PLAN),
        "alter table %1$s add primary key (event_id)".formatted(name),
        "create index on %1$s (tenant_id, occurred_at desc, event_id desc)".formatted(name),
        "create index on %1$s using brin (occurred_at)".formatted(name),
        "alter table usage_event attach partition %1$s for values from (id_floor(%2$s)) to (id_floor(%2$s + interval '1 day'))"
            .formatted(name, begin)
            .replace("id_floor(" + begin + ")", "'" + floor(back) + "'")
            .replace("id_floor(" + begin + " + interval '1 day')", "'" + floor(back - 1) + "'"),
        """
        insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late,
          jobs, events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, sponsored,
          waived, network_cost)
        select g, date_trunc(g, hour, 'UTC'), tenant_id, key_id, capability, model, 'standard', 200, 'succeeded', false,
          sum(events), sum(events), sum(events), sum(pixels), sum(events), 0, 0, 0, 0, sum(cost), 0, 0, 0
        from (select date_trunc('hour', occurred_at, 'UTC') as hour, tenant_id, key_id, capability, model,
            count(*) as events, sum(pixels) as pixels, sum(cost) as cost
          from %s group by 1, 2, 3, 4, 5) hours, unnest(array['hour', 'day']) g
        group by 1, 2, 3, 4, 5, 6 order by 1, 3, 2 on conflict do nothing"""
            .formatted(name));
  }

  /** The least id of a day. */
  private static String floor(int back) {
    return Traffic.prefix(
        LocalDate.now(ZoneOffset.UTC).minusDays(back).atStartOfDay(ZoneOffset.UTC).toInstant());
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

  /** So many days that they hold ten million events, or all there are. */
  private void export() throws Exception {
    MeteringLab.Service service = lab.start("metering");
    try {
      Instant to = LocalDate.now(ZoneOffset.UTC).atStartOfDay(ZoneOffset.UTC).toInstant();
      long days = Math.min(30, Math.ceilDiv(EXPORTED, options.stored / 30));
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
              .formatted(lines, expected, spent(took), lines * 1_000_000_000L / took));
      long first = alive.getFirst();
      long most = alive.stream().mapToLong(Long::longValue).max().orElseThrow();
      figures.atMost(
          "memory while exporting %,d events, alive after collection: most / at the first twentieth"
              .formatted(lines),
          BigDecimal.valueOf(most).divide(BigDecimal.valueOf(first), 2, RoundingMode.HALF_EVEN),
          "x",
          "1.1",
          "1.05");
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
