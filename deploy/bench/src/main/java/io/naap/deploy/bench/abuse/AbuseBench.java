package io.naap.deploy.bench.abuse;

import com.sun.net.httpserver.HttpServer;
import io.naap.deploy.bench.report.Figures;
import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import io.naap.deploy.local.Wallet;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A victim's p99 and errors alone and beside each attack. Alone is measured again before every
 * attack, for half as long: other programs on the machine come and go.
 */
public final class AbuseBench {
  private static final int PER_SECOND = 20;
  private static final List<String> SERVICES =
      List.of("auth", "keys", "metering", "router", "clearinghouse");
  private static final Duration SETTLE = Duration.ofSeconds(3);

  private AbuseBench() {}

  /**
   * Makes each attack, and measures the victim beside it.
   *
   * @param seconds beside each attack
   * @param only ids of attacks; all of them when it is empty
   */
  public record Options(int seconds, List<String> only) {}

  /** Starts a platform of its own, and ends it. */
  public static void run(Path root, Options options, Figures figures) throws Exception {
    Path data = Files.createTempDirectory("naap-abuse");
    try (Platform platform =
        Platform.start(
            root,
            step -> System.err.println("abuse: " + step),
            "--data",
            data.toString(),
            "--port-base",
            String.valueOf(Platform.freePortBase()))) {
      new Run(platform, options, figures).all();
    }
  }

  private record Tenant(String token, String key) {}

  private static final class Run {
    private final Platform platform;
    private final Options options;
    private final Figures figures;
    private final Api api;
    private final Api.Session operator;
    private final HttpClient http = HttpClient.newHttpClient();

    Run(Platform platform, Options options, Figures figures) {
      this.platform = platform;
      this.options = options;
      this.figures = figures;
      this.api = new Api(platform.origin());
      this.operator = api.signIn(platform.operator());
    }

    void all() throws Exception {
      Tenant victim = tenant("1000");
      Tenant attacker = tenant("0");
      Tenant paying = tenant("50");
      Victim traffic = new Victim(traffic(victim), PER_SECOND);
      Attacks attacks = new Attacks(platform, attacker.key, attacker.token);
      attacks.payingKey(paying.key);
      traffic.run(Duration.ofSeconds(10));
      for (Attack attack : attacks.all()) {
        if (options.only.isEmpty() || options.only.contains(attack.id())) {
          measure(attack, traffic, victim);
        }
      }
      List<String> dead = SERVICES.stream().filter(service -> !isLive(service)).toList();
      figures.must("every service lives on", dead.isEmpty(), dead.toString());
    }

    private boolean isLive(String service) {
      try {
        return http.send(
                    HttpRequest.newBuilder(platform.management(service).resolve("/q/health/live"))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                    HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200;
      } catch (IOException dead) {
        return false;
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    private void measure(Attack attack, Victim traffic, Tenant victim) throws Exception {
      System.err.println("abuse: " + attack.name());
      if (attack.id().equals("webhooks")) {
        deliveries(attack, victim);
        return;
      }
      Victim.Seen alone = traffic.run(Duration.ofSeconds(Math.max(10, options.seconds / 2)));
      AtomicBoolean stop = new AtomicBoolean();
      List<Thread> running = attack.begin().begin(stop);
      Victim.Seen beside = traffic.run(Duration.ofSeconds(options.seconds));
      stop.set(true);
      for (Thread one : running) {
        one.join(SETTLE);
        one.interrupt();
      }
      String name = "another tenant beside " + attack.name();
      figures.latency(name + ": p99 alone", alone.p99Nanos());
      figures.latency(name + ": p99", beside.p99Nanos());
      figures.atMost(
          name + ": p99 / its p99 alone",
          BigDecimal.valueOf(beside.p99Nanos())
              .divide(BigDecimal.valueOf(alone.p99Nanos()), 2, RoundingMode.HALF_UP),
          "x",
          "3",
          "1.5");
      figures.atMost(
          name + ": answers of 5xx, or none",
          BigDecimal.valueOf(beside.serverErrors()),
          "",
          "0",
          "0");
      figures.atMost(name + ": answers of 4xx", BigDecimal.valueOf(beside.others()), "", "0", "0");
      Thread.sleep(SETTLE);
    }

    /** How long a message takes to its receiver, while another tenant's receivers are silent. */
    private void deliveries(Attack attack, Tenant victim) throws Exception {
      SynchronousQueue<Boolean> received = new SynchronousQueue<>();
      HttpServer receiver =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      receiver.createContext(
          "/",
          exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
            received.offer(true);
          });
      receiver.start();
      try {
        String made =
            api.send(
                    api.request("/v1/webhooks", victim.token)
                        .header("content-type", "application/json")
                        .header("idempotency-key", "abuse-victim")
                        .POST(
                            HttpRequest.BodyPublishers.ofString(
                                "{\"url\":\"http://127.0.0.1:"
                                    + receiver.getAddress().getPort()
                                    + "/\"}")))
                .expect(201)
                .json()
                .path("id")
                .asText();
        long alone = slowest(made, victim, received);
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> running = attack.begin().begin(stop);
        Thread.sleep(Duration.ofSeconds(5));
        long beside = slowest(made, victim, received);
        stop.set(true);
        for (Thread one : running) {
          one.interrupt();
        }
        figures.latency("another tenant's webhook message: slowest of three alone", alone);
        figures.latencyAtMost(
            "another tenant's webhook message beside " + attack.name() + ": slowest of three",
            beside,
            "5000",
            "2000");
      } finally {
        receiver.stop(0);
      }
    }

    private long slowest(String webhook, Tenant victim, SynchronousQueue<Boolean> received)
        throws InterruptedException {
      long slowest = 0;
      for (int i = 0; i < 3; i++) {
        long begin = System.nanoTime();
        api.send(
                api.request("/v1/webhooks/" + webhook + "/test", victim.token)
                    .POST(HttpRequest.BodyPublishers.noBody()))
            .expect(202);
        if (received.poll(60, TimeUnit.SECONDS) == null) {
          return TimeUnit.SECONDS.toNanos(60);
        }
        slowest = Math.max(slowest, System.nanoTime() - begin);
      }
      return slowest;
    }

    /** Jobs, and a question to each service that is attacked. */
    private List<HttpRequest> traffic(Tenant tenant) {
      URI router = platform.direct("router");
      HttpRequest job =
          Victim.post(
              router,
              "/text-to-image",
              tenant.key,
              "{\"prompt\":\"a fox\",\"width\":64,\"height\":64}");
      return List.of(
          job,
          job,
          Victim.get(platform.direct("auth"), "/v1/me", tenant.token),
          job,
          Victim.get(platform.direct("keys"), "/v1/keys", tenant.token),
          job,
          Victim.get(platform.direct("clearinghouse"), "/v1/balance", tenant.token),
          job);
    }

    private Tenant tenant(String dollars) {
      Api.Session session = api.signIn(wallet());
      if (!dollars.equals("0")) {
        api.credit(operator, session.tenantId(), dollars, "abuse-" + session.tenantId())
            .expect(201);
      }
      String key =
          api.createKey(session, "{\"name\":\"abuse\",\"mode\":\"live\"}").path("key").asText();
      return new Tenant(session.accessToken(), key);
    }

    private static Wallet wallet() {
      byte[] secret = new byte[32];
      new SecureRandom().nextBytes(secret);
      return Wallet.of(HexFormat.of().formatHex(secret));
    }
  }
}
