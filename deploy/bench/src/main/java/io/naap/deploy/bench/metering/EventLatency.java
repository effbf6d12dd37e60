package io.naap.deploy.bench.metering;

import io.naap.deploy.bench.report.Figures;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.Jedis;

/** How long after it is on the stream an event is shown, and its tenant owes it. */
final class EventLatency {
  private static final int RATE = 2_000;
  private static final int TICKS = 50;
  private static final int WINDOW_SECONDS = 5;
  private static final int SLOW_WINDOWS = 4;
  private static final int WARM_WINDOWS = 16;
  private static final int MOST_WARM_WINDOWS = 40;
  private static final int MEASURED_SECONDS = 40;
  private static final long LOST_NANOS = 60_000_000_000L;
  private static final String TENANT_PREFIX = "ten_01kaq3v7h1";
  private static final Pattern OWED = Pattern.compile("\"owed\":\\{\"amount\":\"([0-9.]+)\"");
  private final Figures figures;
  private final MeteringLab lab;

  EventLatency(Figures figures, MeteringLab lab) {
    this.figures = figures;
    this.lab = lab;
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
  void measure() throws Exception {
    ConcurrentLinkedQueue<Long> shown = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> booked = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> window = new ConcurrentLinkedQueue<>();
    long[] owed = new long[Traffic.TENANTS];
    MeteringLab.Service clearinghouse = lab.startClearinghouse();
    MeteringLab.Service service = lab.start("metering");
    try (Jedis jedis = lab.redis();
        ExecutorService lookers = Executors.newVirtualThreadPerTaskExecutor()) {
      jedis.del("naap:charges");
      String token = lab.credentials.operatorToken();
      List<Future<?>> looks = new ArrayList<>();
      // The generator's own tenants: what they owe is what was charged here.
      Traffic own = new Traffic(Traffic.TENANTS, 17, TENANT_PREFIX);
      long start = System.nanoTime();
      long before = Long.MAX_VALUE;
      int measured = 0;
      for (int tick = 0; measured < MEASURED_SECONDS * TICKS; tick++) {
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
}
