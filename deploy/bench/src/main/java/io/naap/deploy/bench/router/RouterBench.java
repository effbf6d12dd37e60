package io.naap.deploy.bench.router;

import io.naap.deploy.bench.report.Credentials;
import io.naap.deploy.bench.report.Figures;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;

/** Measures the router beside its peers, phase by phase. */
public final class RouterBench {
  private static final int KEYS = 100;
  private static final int[] CONNECTIONS = {32, 256};
  private static final int[] RATES = {500, 2_000};
  private static final int WARM_WINDOWS = 20;
  private static final int WARM_WHEN = 3;
  private static final int WARM_SECONDS = 3;
  private static final int STREAMS = 600;
  private static final int STREAMS_PER_SECOND = 50;
  private static final int WARM_CLIENTS = 16;

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** A key that is not known costs calls to its neighbours. */
  private static final int KNOWN_SECONDS = 1_200;

  /** The router's own: 15 s until a share goes back, 60 until its account is forgotten. */
  private static final int IDLE_SECONDS = 80;

  private final Figures figures;
  private final Options options;
  private final Path folder;
  private final int redis;
  private final Peers peers;
  private final Wrk wrk;

  /**
   * How long to measure.
   *
   * @param rounds of each measurement; a figure is the median
   * @param seconds of one closed or open loop
   * @param known how many keys "many" are
   * @param alone without the peers, to look at a change of the router: figures, and no ratios
   * @param phases what is measured, in this order
   */
  public record Options(int rounds, int seconds, int known, boolean alone, List<Phase> phases) {}

  /** The parts of the benchmark, each with processes of its own. */
  public enum Phase {
    LOOPS,
    STREAMS,
    KEYS
  }

  private RouterBench(
      Figures figures, Options options, Path folder, int redis, Peers peers, Wrk wrk) {
    this.figures = figures;
    this.options = options;
    this.folder = folder;
    this.redis = redis;
    this.peers = peers;
    this.wrk = wrk;
  }

  public static void run(Path root, Options options, Figures figures) throws Exception {
    Path folder = Files.createTempDirectory("naap-bench-router");
    DebianPackages packages =
        figures.step(
            "unpack nginx, its Lua module and wrk",
            () -> DebianPackages.unpacked(root.resolve("deploy/bench/target/debian")));
    int redisPort = Started.freePort();
    RedisServer redis =
        RedisServer.newRedisServer()
            .port(redisPort)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    // At once, before anything else is given the free port.
    redis.start();
    Credentials credentials = new Credentials();
    try (FakeServices neighbours = new FakeServices(credentials);
        Peers peers = new Peers(root, folder, packages, neighbours, credentials)) {
      RouterBench bench =
          new RouterBench(figures, options, folder, redisPort, peers, new Wrk(packages, folder));
      figures.step(
          "install and build the peers",
          () -> {
            peers.build();
            return "npm and Maven packages, versions in deploy/bench/peers";
          });
      for (Phase phase : options.phases()) {
        switch (phase) {
          case LOOPS -> bench.loops();
          case STREAMS -> bench.streams();
          case KEYS -> bench.manyKeys();
        }
      }
    } finally {
      redis.stop();
    }
  }

  /** Closed loops at both widths, open loops at both rates, and what a request costs. */
  private void loops() throws Exception {
    List<String> keys = peers.keys(1, KEYS);
    Peers.know(redis, keys);
    Peer direct = peers.upstream();
    List<Peer> all = new ArrayList<>();
    try (UsageReader usage = new UsageReader(redis)) {
      figures.step(
          "start the router and five peers",
          () -> {
            all.addAll(peers.all(direct.port(), redis, false, options.alone()));
            return all.size() + " processes in front of one upstream";
          });
      for (Peer peer : all) {
        figures.step("warm " + peer.name(), () -> warm(peer, keys));
      }
      Map<String, Map<Integer, double[]>> closed = new LinkedHashMap<>();
      for (int round = 0; round < options.rounds(); round++) {
        for (Peer peer : all) {
          for (int connections : CONNECTIONS) {
            closed.computeIfAbsent(peer.name(), name -> new LinkedHashMap<>())
                    .computeIfAbsent(connections, width -> new double[options.rounds()])[round] =
                good(peer, connections, options.seconds(), keys).perSecond();
          }
        }
      }
      closed.forEach(
          (name, widths) ->
              widths.forEach(
                  (width, rounds) -> {
                    double[] rates = rounds.clone();
                    Arrays.sort(rates);
                    figures.plain(
                        "%s, requests/s closed loop at %d connections".formatted(name, width),
                        rounded(median(rates)),
                        "1/s");
                    figures.plain(
                        "%s, spread of the rounds at %d connections".formatted(name, width),
                        rounded(100 * (rates[rates.length - 1] - rates[0]) / median(rates)),
                        "%");
                  }));
      ratio(closed, Peers.LUA, "nginx+Lua+Redis, requests/s", "1.2", "2.0");
      ratio(closed, Peers.SPRING, "Spring Cloud Gateway", "3", "4");
      ratio(closed, Peers.FASTIFY, "Fastify + Redis limiter", "3", "6");
      ratio(closed, Peers.PORTKEY, "Portkey (which checks nothing)", "15", "60");
      ratio(closed, Peers.BARE, "bare nginx proxy", "0.35", "0.6");
      costs(all, keys, usage);
      open(direct, all, keys);
    } finally {
      all.forEach(peer -> peer.process().close());
      direct.process().close();
    }
  }

  private String warm(Peer peer, List<String> keys) throws IOException, InterruptedException {
    HttpRequest.Builder one =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + peer.port() + Job.PATH))
            .header("Authorization", "Bearer " + keys.get(0))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(Job.BODY));
    peer.headers().forEach(one::header);
    HttpResponse<String> first = HTTP.send(one.build(), HttpResponse.BodyHandlers.ofString());
    if (first.statusCode() != 200 || !first.body().contains("eight")) {
      throw new IllegalStateException(
          peer.name() + " answers " + first.statusCode() + ": " + first.body());
    }
    // Warm is when windows are no faster any more; what compiles itself stands still in between.
    int noFaster = 0;
    double best = 0;
    long answered = 0;
    for (int window = 1; window <= WARM_WINDOWS; window++) {
      Wrk.Result result = wrk.run(peer, 32, WARM_SECONDS, keys);
      answered += result.answered();
      noFaster = result.perSecond() < best * 1.05 ? noFaster + 1 : 0;
      if (noFaster == WARM_WHEN) {
        return answered + " requests in " + window + " windows";
      }
      best = Math.max(best, result.perSecond());
    }
    return answered + " requests in " + WARM_WINDOWS + " windows, still becoming faster";
  }

  /** Runs a closed loop in which everything must be answered. */
  private Wrk.Result good(Peer peer, int connections, int seconds, List<String> keys)
      throws IOException, InterruptedException {
    Wrk.Result result = wrk.run(peer, connections, seconds, keys);
    if (result.failed() > 0) {
      figures.must(
          peer.name() + " answers everything at " + connections + " connections",
          !peer.name().equals(Peers.OURS),
          result.failed() + " of " + (result.failed() + result.answered()) + " were not answered");
    }
    return result;
  }

  private void ratio(
      Map<String, Map<Integer, double[]>> closed,
      String peer,
      String name,
      String must,
      String aim) {
    if (!closed.containsKey(peer)) {
      return;
    }
    // The better width of each side: nobody is held to where it does badly. And round by round: the
    // machine is not equally fast all the time, but what is compared was measured a minute apart.
    double[] ours = best(closed.get(Peers.OURS));
    double[] theirs = best(closed.get(peer));
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, round -> ours[round] / theirs[round]);
    figures.atLeast("ours full path / " + name, rounded(median(ratios)), "x", must, aim);
    Arrays.sort(ratios);
    figures.plain(
        "ours full path / " + name + ", spread of the rounds",
        rounded(100 * (ratios[ratios.length - 1] - ratios[0]) / median(ratios)),
        "%");
  }

  private static double[] best(Map<Integer, double[]> widths) {
    return widths.values().stream()
        .max(Comparator.comparingDouble(RouterBench::median))
        .orElseThrow();
  }

  private void costs(List<Peer> all, List<String> keys, UsageReader usage) throws Exception {
    for (Peer peer : all) {
      long ticks = peer.process().processorTicks();
      long before = commands() - usage.commands();
      Wrk.Result result = good(peer, 32, options.seconds(), keys);
      if (peer.name().equals(Peers.OURS)) {
        // What the router appends a moment later is this run's too.
        Thread.sleep(1_000);
      }
      long spent = commands() - usage.commands() - before;
      double per = 1_000.0 / result.answered();
      figures.plain(
          peer.name() + ", CPU-seconds per 1,000 requests",
          rounded((peer.process().processorTicks() - ticks) / 100.0 * per),
          "s");
      figures.plain(
          peer.name() + ", resident memory",
          BigDecimal.valueOf(peer.process().residentMebibytes()),
          "MiB");
      if (peer.name().equals(Peers.OURS)) {
        figures.atMost(
            "Redis commands per 1,000 warm requests (usage appends included)",
            rounded(spent * per),
            "",
            "100",
            "20");
      } else {
        figures.plain(
            peer.name() + ", Redis commands per 1,000 requests", rounded(spent * per), "");
      }
    }
    left(usage);
  }

  private void left(UsageReader usage) {
    figures.must(
        "the router's requests leave usage events",
        usage.events() > 0,
        usage.events() + " entries of the stream were read, each with many events");
  }

  private long commands() {
    try (Jedis jedis = new Jedis("127.0.0.1", redis)) {
      return jedis
          .info("stats")
          .lines()
          .filter(line -> line.startsWith("total_commands_processed:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    }
  }

  private void open(Peer direct, List<Peer> all, List<String> keys) throws Exception {
    List<Peer> measured = new ArrayList<>(List.of(direct));
    measured.addAll(all);
    // An open loop is another load than a closed one: what compiles itself has work again, the
    // client's own clock included, or the direct way looks slow.
    for (Peer peer : measured) {
      warmOpen(peer, keys);
    }
    for (int rate : RATES) {
      Map<String, double[][]> seen = new LinkedHashMap<>();
      for (int round = 0; round < options.rounds(); round++) {
        for (Peer peer : measured) {
          try {
            long[] nanos = OpenLoop.run(peer, rate, options.seconds(), keys);
            double[][] both =
                seen.computeIfAbsent(peer.name(), name -> new double[2][options.rounds()]);
            both[0][round] = Figures.percentile(nanos, 50) / 1e6;
            both[1][round] = Figures.percentile(nanos, 99) / 1e6;
          } catch (IllegalStateException tooMuch) {
            figures.must(
                "%s keeps up with %,d requests/s".formatted(peer.name(), rate),
                !peer.name().equals(Peers.OURS),
                String.valueOf(tooMuch.getMessage()));
            seen.remove(peer.name());
          }
        }
      }
      double[] base = medians(seen.get(direct.name()));
      for (Peer peer : all) {
        if (seen.get(peer.name()) == null) {
          continue;
        }
        double[] here = medians(seen.get(peer.name()));
        String at = "at %,d requests/s open loop".formatted(rate);
        figures.plain(peer.name() + ", added p50 " + at, rounded(here[0] - base[0]), "ms");
        String p99 = "added p99 " + at;
        if (rate == 2_000 && peer.name().equals(Peers.OURS)) {
          figures.atMost(p99, rounded(here[1] - base[1]), "ms", "3", "1");
        } else {
          figures.plain(peer.name() + ", " + p99, rounded(here[1] - base[1]), "ms");
        }
      }
    }
  }

  private static void warmOpen(Peer peer, List<String> keys) throws Exception {
    for (int rate : RATES) {
      try {
        var unused = OpenLoop.run(peer, rate, WARM_SECONDS * 2, keys);
      } catch (IllegalStateException tooMuch) {
        // Said when it is measured.
        return;
      }
    }
  }

  private void streams() throws Exception {
    List<String> keys = peers.keys(1, KEYS);
    Peers.know(redis, keys);
    List<Peer> all = new ArrayList<>();
    try (Streams upstream = Streams.listen();
        UsageReader usage = new UsageReader(redis)) {
      Peer direct = new Peer("direct", null, upstream.port(), Map.of());
      all.addAll(peers.all(upstream.port(), redis, true, options.alone()));
      List<Peer> measured = new ArrayList<>(List.of(direct));
      measured.addAll(all);
      for (Peer peer : List.copyOf(measured)) {
        String broken = warmStreams(upstream, peer, keys);
        if (!broken.isEmpty()) {
          // A peer that cannot stream has no figure; the router must.
          figures.must(
              peer.name() + " passes streams on whole", !peer.name().equals(Peers.OURS), broken);
          measured.remove(peer);
        }
      }
      Map<String, double[][]> seen = new LinkedHashMap<>();
      for (int round = 0; round < options.rounds(); round++) {
        for (Peer peer : measured) {
          Streams.Seen now = Streams.read(peer, STREAMS_PER_SECOND, STREAMS / 2, keys);
          double[][] both =
              seen.computeIfAbsent(peer.name(), name -> new double[2][options.rounds()]);
          both[0][round] = ninetyNinth(now.firstByte()) / 1e6;
          both[1][round] = ninetyNinth(now.piece()) / 1e6;
        }
      }
      double[] base = medians(seen.get(direct.name()));
      for (Peer peer : measured.subList(1, measured.size())) {
        double[] here = medians(seen.get(peer.name()));
        if (peer.name().equals(Peers.OURS)) {
          figures.atMost(
              "SSE added time to first byte p99", rounded(here[0] - base[0]), "ms", "2", "0.5");
        } else {
          figures.plain(
              peer.name() + ", SSE added time to first byte p99", rounded(here[0] - base[0]), "ms");
        }
        figures.plain(
            peer.name() + ", SSE added time per chunk p99", rounded(here[1] - base[1]), "ms");
      }
      left(usage);
    } finally {
      all.forEach(peer -> peer.process().close());
    }
  }

  /** Streams until the peer is warm, as a closed loop would; says what broke, if any did. */
  private static String warmStreams(Streams upstream, Peer peer, List<String> keys)
      throws InterruptedException {
    try {
      int noFaster = 0;
      double best = 0;
      for (int window = 1; window <= WARM_WINDOWS && noFaster < WARM_WHEN; window++) {
        double read = upstream.warm(peer, WARM_CLIENTS, WARM_SECONDS * 2, keys);
        var unused = Streams.read(peer, STREAMS_PER_SECOND, STREAMS_PER_SECOND, keys);
        noFaster = read < best * 1.05 ? noFaster + 1 : 0;
        best = Math.max(best, read);
      }
      return "";
    } catch (IllegalStateException broken) {
      String why = String.valueOf(broken.getCause());
      return why.length() > 160 ? why.substring(0, 160) : why;
    }
  }

  /**
   * A router that knows many keys beside one that knows few, measured in turn: the machine is
   * another one by the time that many keys have become known.
   */
  private void manyKeys() throws Exception {
    Peer direct = peers.upstream();
    List<Peer> both = new ArrayList<>();
    try (UsageReader usage = new UsageReader(redis)) {
      for (String instance : List.of("bench-few", "bench-many")) {
        both.add(
            peers.ours(
                direct.port(),
                redis,
                "4g",
                Map.of(
                    "naap.router.instance",
                    instance,
                    "naap.key-profiles.most",
                    Integer.toString(options.known() * 2))));
      }
      List<String> keys = peers.keys(1_000, 1_000);
      for (Peer router : both) {
        figures.step("warm with 1,000 keys", () -> warm(router, keys));
      }
      figures.step(
          "make %,d keys known".formatted(options.known()),
          () -> {
            Wrk.Result once =
                wrk.once(both.get(1), 128, KNOWN_SECONDS, peers.keys(10_000_000, options.known()));
            return "%,d keys were used once, %,.0f a second, %,d refused %s"
                .formatted(once.answered(), once.perSecond(), once.failed(), once.why());
          });
      // The keys' shares go back in the minute that follows; what that costs is no figure of keys
      // that are known, but whoever reads this may want to know it.
      figures.plain(
          "requests/s while %,d keys' shares go back".formatted(options.known()),
          rounded(good(both.get(1), 32, options.seconds(), keys).perSecond()),
          "1/s");
      figures.step(
          "wait until their shares are back",
          () -> {
            Thread.sleep(IDLE_SECONDS * 1_000L);
            return IDLE_SECONDS + " s, after which a router has forgotten what nobody uses";
          });
      for (Peer router : both) {
        // Neither has used these keys for a while; to ask for their shares again is not counted.
        var unused = good(router, 32, options.seconds(), keys);
      }
      double[] few = new double[options.rounds()];
      double[] ratios = new double[options.rounds()];
      for (int round = 0; round < options.rounds(); round++) {
        few[round] = good(both.get(0), 32, options.seconds(), keys).perSecond();
        ratios[round] = good(both.get(1), 32, options.seconds(), keys).perSecond() / few[round];
      }
      figures.plain("requests/s with 1,000 keys known", rounded(median(few)), "1/s");
      figures.atLeast(
          "throughput with %,d keys known / with 1,000".formatted(options.known()),
          rounded(median(ratios)),
          "x",
          "0.9",
          "1.0");
      left(usage);
    } finally {
      both.forEach(peer -> peer.process().close());
      direct.process().close();
    }
  }

  private static long ninetyNinth(List<Long> sorted) {
    return sorted.get(Math.ceilDiv(sorted.size() * 99, 100) - 1);
  }

  private static double[] medians(double[][] rounds) {
    return new double[] {median(rounds[0]), median(rounds[1])};
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static BigDecimal rounded(double value) {
    BigDecimal exact = new BigDecimal(String.format(Locale.ROOT, "%.6f", value));
    return exact.abs().compareTo(BigDecimal.TEN) >= 0
        ? exact.setScale(1, RoundingMode.HALF_UP)
        : exact.round(new MathContext(3, RoundingMode.HALF_UP));
  }

  @Override
  public String toString() {
    return "RouterBench[" + folder + "]";
  }
}
