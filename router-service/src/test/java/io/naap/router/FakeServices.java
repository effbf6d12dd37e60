package io.naap.router;

import io.naap.contracts.clearing.FundRequest;
import io.naap.contracts.clearing.Funding;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.ResolveKey;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Charge;
import io.naap.contracts.rating.Filter;
import io.naap.contracts.rating.Plan;
import io.naap.contracts.rating.PlanAccess;
import io.naap.contracts.rating.Standing;
import io.naap.contracts.rating.TenantPlan;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The router's neighbours as small servers: keys, metering, clearinghouse, tokens, a gateway. */
public class FakeServices implements QuarkusTestResourceLifecycleManager {
  /** The file of overrides that the router watches. */
  static Path overrides;

  static final Map<String, KeyProfile> KEYS = new ConcurrentHashMap<>();
  static final Map<String, KeyLimits> TENANT_LIMITS = new ConcurrentHashMap<>();
  static final Map<String, KeyLimits> PLAN_LIMITS = new ConcurrentHashMap<>();
  static final Map<String, Long> CREDIT = new ConcurrentHashMap<>();
  static final Map<String, Long> FUNDED = new ConcurrentHashMap<>();
  static final Set<String> OVERDUE = ConcurrentHashMap.newKeySet();

  /** Tenants for whom the clearinghouse does not answer. */
  static final Set<String> UNFUNDED = ConcurrentHashMap.newKeySet();

  static final List<String> RESOLVED = new CopyOnWriteArrayList<>();
  static final List<Seen> GATEWAY = new CopyOnWriteArrayList<>();
  static final String HOOK_SECRET = "a-hook-secret-of-gateway-1";
  static final String AFFINE = "ten_01kaq3v7g8e2nb0p4m6r9t1x5a";
  static volatile String mode = "";

  /** The tiers that every plan here allows. */
  private static final List<String> PLAN_TIERS =
      List.of("fragile", "nowhere", "pair", "raw", "standard", "thrifty");

  /** What the gateway was asked, without looks at streams that tests before began. */
  static List<Seen> jobs() {
    return GATEWAY.stream()
        .filter(seen -> !(seen.method().equals("GET") && seen.uri().endsWith("/status")))
        .toList();
  }

  /** What the gateway was asked. */
  record Seen(String method, String uri, Map<String, String> headers, String body) {}

  private static final String NETWORK =
      """
      {"capabilities_names":{"27":"Text to image","35":"Live video to video","37":"byoc"},
       "orchestrators":[
        {"orch_uri":"https://orchestrator-1:8935",
         "capabilities_prices":[{"pricePerUnit":1,"pixelsPerUnit":1,"capability":27,
                                 "constraint":"stabilityai/sdxl-turbo"}],
         "hardware":[{"pipeline":"text-to-image","model_id":"stabilityai/sdxl-turbo"}]},
        {"orch_uri":"https://orchestrator-2:8935",
         "capabilities":{"constraints":{"PerCapability":{
           "27":{"models":{"stabilityai/sdxl-turbo":{"warm":true}}},
           "37":{"models":{"my-container":{}}}}}}},
        {"orch_uri":"https://too-dear:8935",
         "capabilities_prices":[{"pricePerUnit":21,"pixelsPerUnit":2,"capability":27,
                                 "constraint":"stabilityai/sdxl-turbo"}],
         "hardware":[{"pipeline":"text-to-image","model_id":"stabilityai/sdxl-turbo"}]}]}
      """;

  private Vertx vertx;

  static String newKey(long creditNanos, KeyLimits limits) {
    String tenant = "ten_" + Long.toString(System.nanoTime(), 36);
    return newKey(tenant, creditNanos, limits, List.of());
  }

  static String newKey(String tenant, long creditNanos, KeyLimits limits, List<String> scopes) {
    return newKey(
        tenant, creditNanos, limits, scopes, Optional.empty(), List.of(), Optional.empty());
  }

  /** A key that works in another tier than its plan's. */
  static String keyInTier(String tier) {
    return newKey(
        "ten_" + Long.toString(System.nanoTime(), 36),
        1_000_000_000L,
        KeyLimits.NONE,
        List.of(),
        Optional.of(tier),
        List.of(),
        Optional.empty());
  }

  static String newKey(
      String tenant,
      long creditNanos,
      KeyLimits limits,
      List<String> scopes,
      Optional<String> tier,
      List<String> cidrs,
      Optional<Instant> expires) {
    String key = ApiKey.generate("live", new SecureRandom()).reveal();
    KEYS.put(
        key,
        new KeyProfile(
            "key_" + Long.toString(System.nanoTime(), 36),
            tenant,
            "test",
            List.of("a-tag"),
            new KeyProfile.Scope(tier, scopes, List.of(), cidrs, List.of()),
            new KeyProfile.Expiry(expires, Optional.empty()),
            new KeyProfile.Limits(limits, TENANT_LIMITS.getOrDefault(tenant, KeyLimits.NONE)),
            new KeyProfile.Freshness(1, 60)));
    CREDIT.put(tenant, creditNanos);
    return key;
  }

  @Override
  public Map<String, String> start() {
    vertx = Vertx.vertx();
    try {
      int services = listen(this::service);
      int gateway = listen(this::gateway);
      Path directory = Files.createTempDirectory("router");
      Path secret = directory.resolve("hook-secret");
      Files.writeString(secret, HOOK_SECRET + "\n");
      Path table = directory.resolve("routing.yaml");
      Files.writeString(
          table,
          """
          pools:
            - name: standard
              tier: standard
              orchestrators: ["https://orchestrator-1:8935", "https://orchestrator-2:8935"]
              price_ceilings: {text-to-image: {"*": 10}}
              capabilities:
                text-to-image: [stabilityai/sdxl-turbo]
                image-to-image: [timbrooks/instruct-pix2pix]
                image-to-video: [stabilityai/stable-video-diffusion-img2vid-xt]
                upscale: [stabilityai/stable-diffusion-x4-upscaler]
                llm: [meta-llama/llama-3.1-8B-Instruct]
                audio-to-text: [openai/whisper-large-v3]
                segment-anything-2: [facebook/sam2-hiera-large]
                image-to-text: [Salesforce/blip-image-captioning-large]
                text-to-speech: [parler-tts/parler-tts-large-v1]
                live-video-to-video: [streamdiffusion]
                transcoding: [h264]
                byoc: ["*"]
              gateways:
                - name: gateway-1
                  url: http://127.0.0.1:%1$d
                  cli_url: http://127.0.0.1:%1$d
                  hook_secret_file: %2$s
            - name: fragile
              tier: fragile
              capabilities: {text-to-image: [stabilityai/sdxl-turbo]}
              gateways:
                - {name: nobody-1, url: "http://127.0.0.1:%3$d", weight: 1000}
                - {name: somebody-1, url: "http://127.0.0.1:%1$d"}
            - name: raw
              tier: raw
              capabilities:
                llm: [meta-llama/llama-3.1-8B-Instruct]
                text-to-image: [stabilityai/sdxl-turbo]
                byoc: ["*"]
                segment-anything-2: [facebook/sam2-hiera-large]
                transcoding: [h264]
              gateways:
                - {name: raw-1, url: "http://127.0.0.1:%4$d"}
            - name: pair
              tier: pair
              images_per_job: 1
              capabilities:
                llm: [meta-llama/llama-3.1-8B-Instruct]
                text-to-image: [any/model, unserved/model, served/model, for/a-while]
                byoc: ["*"]
                transcoding: [h264]
                live-video-to-video: [streamdiffusion]
              gateways:
                - {name: pair-1, url: "http://127.0.0.1:%4$d"}
                - {name: pair-2, url: "http://127.0.0.1:%4$d"}
            - name: nowhere
              tier: nowhere
              capabilities: {text-to-image: [stabilityai/sdxl-turbo]}
              gateways:
                - {name: nowhere-1, url: "http://127.0.0.1:%6$d"}
            - name: thrifty
              tier: thrifty
              capabilities:
                text-to-image: [stabilityai/sdxl-turbo]
                live-video-to-video: [streamdiffusion]
              gateways:
                - {name: thrifty-1, url: "http://127.0.0.1:%1$d"}
          tiers: [thrifty, fragile, standard]
          affinities:
            %5$s:
              orchestrator: near
              include: ["https://orchestrator-1:8935"]
              exclude: ["https://orchestrator-9:8935"]
          """
              .formatted(
                  gateway,
                  secret,
                  closedPort(),
                  RawGateway.start(vertx),
                  AFFINE,
                  RawGateway.silentPort()));
      overrides = directory.resolve("overrides.yaml");
      Files.writeString(overrides, "");
      String url = "http://127.0.0.1:" + services;
      return Map.ofEntries(
          Map.entry("naap.auth-url", url),
          Map.entry("quarkus.rest-client.keys.url", url),
          Map.entry("quarkus.rest-client.metering.url", url),
          Map.entry("quarkus.rest-client.clearinghouse.url", url),
          Map.entry("naap.router.routing-table", table.toString()),
          Map.entry("naap.router.spool-directory", directory.resolve("spool").toString()),
          Map.entry("naap.router.public-url", "http://naap.test"),
          // A test that lets a neighbour fail opens no circuit breaker for the tests after it.
          Map.entry("naap.router.neighbours.breaker-calls", "1000"),
          Map.entry("naap.admission.rebuild", "200ms"),
          Map.entry("naap.admission.overrides", overrides.toString()),
          Map.entry("naap.admission.overrides-every", "100ms"),
          Map.entry("quarkus.http.test-ssl-port", "0"),
          Map.entry("quarkus.http.ssl.certificate.key-store-file", keyStore(directory).toString()),
          Map.entry("quarkus.http.ssl.certificate.key-store-password", "changeit"),
          Map.entry("naap.admission.shadow", "tenant-rpd"),
          Map.entry("naap.edge.body-memory-bytes", "36000000"),
          Map.entry("naap.edge.body-memory-percent-per-tenant", "100"),
          Map.entry("naap.edge.body-memory-percent-per-address", "100"),
          Map.entry("naap.edge.body-first-byte", "2s"),
          Map.entry("naap.edge.body-total", "4s"),
          Map.entry("naap.proxy.upload-idle-timeout", "2s"),
          Map.entry("naap.proxy.answer-max-bytes", "1048576"),
          Map.entry("naap.discovery.every", "300ms"),
          Map.entry("naap.proxy.connect-timeout", "500ms"),
          Map.entry("naap.proxy.first-byte-timeout", "2s"),
          Map.entry("naap.proxy.idle-timeout", "2s"),
          Map.entry("naap.proxy.finished-grace", "600ms"),
          Map.entry("naap.proxy.total-timeout", "6s"),
          Map.entry("naap.live.session-timeout", "2s"),
          Map.entry("naap.live.watch", "700ms"),
          Map.entry("naap.live.start-look", "300ms"),
          Map.entry("naap.live.sweep-every", "200ms"));
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** A certificate for localhost, by the JDK's own tool. */
  private static Path keyStore(Path directory) throws IOException {
    Path file = directory.resolve("localhost.p12");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-keystore",
            file.toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            "changeit",
            "-alias",
            "localhost",
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-ext",
            "SAN=dns:localhost");
    try {
      if (new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() != 0) {
        throw new IllegalStateException("keytool failed");
      }
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    return file;
  }

  /** A port at which connections are refused. */
  private static int closedPort() throws IOException {
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private int listen(io.vertx.core.Handler<HttpServerRequest> handler) {
    HttpServer server = vertx.createHttpServer().requestHandler(handler);
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  @Override
  public void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private void service(HttpServerRequest request) {
    request.body().onSuccess(body -> answer(request, body.toString()));
  }

  private void answer(HttpServerRequest request, String body) {
    String path = request.path();
    if (path.equals("/oauth/token")) {
      json(request, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":300}");
    } else if (path.equals("/internal/keys/resolve")) {
      ResolveKey asked = Json.read(body, ResolveKey.class);
      RESOLVED.add(asked.key());
      KeyProfile profile = KEYS.get(asked.key());
      if (profile == null) {
        request.response().setStatusCode(404).end();
      } else {
        json(request, Json.write(profile));
      }
    } else if (path.startsWith("/internal/keys/") && path.endsWith("/profile")) {
      String keyId = path.split("/", -1)[3];
      KEYS.values().stream()
          .filter(profile -> profile.keyId().equals(keyId))
          .findFirst()
          .ifPresentOrElse(
              profile -> json(request, Json.write(profile)),
              () -> request.response().setStatusCode(404).end());
    } else if (path.endsWith("/plan")) {
      String tenant = path.split("/", -1)[3];
      json(
          request,
          Json.write(
              new TenantPlan(
                  tenant,
                  plan(),
                  new PlanAccess(
                      true,
                      "standard",
                      PLAN_TIERS,
                      PLAN_LIMITS.getOrDefault(tenant, KeyLimits.NONE),
                      List.of(),
                      List.of()),
                  OVERDUE.contains(tenant) ? Standing.SUSPENDED : Standing.GOOD,
                  Optional.empty())));
    } else if (path.startsWith("/internal/tenants/") && path.endsWith("/consumption")) {
      KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
      json(
          request,
          Json.write(
              new TenantConsumption(
                  path.split("/", -1)[3], LocalDate.now(ZoneOffset.UTC), none, none, none)));
    } else if (path.endsWith("/consumption")) {
      KeyConsumption.Window none = new KeyConsumption.Window(Units.NONE, NanoUsd.ZERO);
      json(
          request,
          Json.write(
              new KeyConsumption(
                  path.split("/", -1)[3], LocalDate.now(ZoneOffset.UTC), none, none, none)));
    } else if (path.equals("/internal/funds")) {
      FundRequest asked = Json.read(body, FundRequest.class);
      if (UNFUNDED.contains(asked.tenantId())) {
        request.response().setStatusCode(503).end();
        return;
      }
      long total = FUNDED.getOrDefault(asked.tenantId(), 0L);
      if (asked.seen().nanos() >= total) {
        long more = Math.min(asked.wanted().nanos(), CREDIT.getOrDefault(asked.tenantId(), 0L));
        CREDIT.merge(asked.tenantId(), -more, Long::sum);
        total += more;
        FUNDED.put(asked.tenantId(), total);
      }
      json(
          request,
          Json.write(
              new Funding(
                  "fnd_" + asked.tenantId(),
                  asked.tenantId(),
                  asked.epoch(),
                  NanoUsd.ofNanos(total))));
    } else {
      request.response().setStatusCode(404).end();
    }
  }

  static Plan plan() {
    return new Plan(
        "pln_test",
        1,
        "Test",
        List.of(
            usage("text-to-image", Unit.PIXELS, 1_000_000, "0.01"),
            usage("image-to-text", Unit.PIXELS, 1_000_000, "0.01"),
            usage("image-to-image", Unit.PIXELS, 1_000_000, "0.01"),
            usage("image-to-video", Unit.PIXELS, 1_000_000, "0.01"),
            usage("upscale", Unit.PIXELS, 1_000_000, "0.01"),
            usage("segment-anything-2", Unit.PIXELS, 1_000_000, "0.01"),
            usage("text-to-speech", Unit.CHARACTERS, 1_000, "0.02"),
            usage("llm", Unit.TOKENS_IN, 1_000_000, "1"),
            usage("llm", Unit.TOKENS_OUT, 1_000_000, "2"),
            new Charge.PerMinute(Filter.capability("audio-to-text"), new BigDecimal("0.006")),
            new Charge.PerMinute(Filter.capability("transcoding"), new BigDecimal("0.01")),
            new Charge.PerMinute(Filter.capability("byoc"), new BigDecimal("0.01")),
            new Charge.PerMinute(
                Filter.capability("live-video-to-video"), new BigDecimal("0.60"))));
  }

  private static Charge usage(String capability, Unit unit, long per, String price) {
    return new Charge.Usage(Filter.capability(capability), unit, per, new BigDecimal(price));
  }

  private static void json(HttpServerRequest request, String body) {
    request.response().putHeader("Content-Type", "application/json").end(body);
  }

  private void gateway(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              Map<String, String> headers = new ConcurrentHashMap<>();
              request
                  .headers()
                  .forEach(
                      header ->
                          headers.put(
                              header.getKey().toLowerCase(java.util.Locale.ROOT),
                              header.getValue()));
              if (request.path().equals("/getNetworkCapabilities")) {
                json(request, NETWORK);
                return;
              }
              GATEWAY.add(
                  new Seen(
                      request.method().name(),
                      request.uri(),
                      headers,
                      body.toString(StandardCharsets.ISO_8859_1)));
              play(request, body);
            });
  }

  private void play(HttpServerRequest request, Buffer body) {
    String now = mode;
    if (now.equals("empty")) {
      request.response().end();
    } else if (now.equals("drop")) {
      request.connection().close();
    } else if (now.equals("500")) {
      request.response().setStatusCode(500).end("{\"error\":{\"message\":\"secret host\"}}");
    } else if (now.equals("hang")) {
      return;
    } else if (now.equals("slow")) {
      io.vertx.core.Vertx.currentContext()
          .owner()
          .setTimer(
              300,
              late -> json(request, "{\"images\":[{\"url\":\"/stream/abc/1.png\",\"seed\":1}]}"));
    } else if (request.path().equals("/llm")) {
      llm(request, body, now);
    } else if (request.path().equals("/audio-to-text")) {
      json(request, "{\"text\":\"hello\",\"chunks\":[]}");
    } else if (request.path().equals("/text-to-speech")) {
      json(request, "{\"audio\":{\"url\":\"/stream/abc/1.wav\"}}");
    } else if (request.path().equals("/image-to-text")) {
      json(request, "{\"text\":\"a fox\"}");
    } else if (request.path().equals("/segment-anything-2")) {
      json(request, "{\"masks\":\"[]\",\"scores\":\"[]\",\"logits\":\"[]\"}");
    } else if (request.path().startsWith("/process/stream/")) {
      ByocStreams.play(request, body);
    } else if (request.path().startsWith("/process/")) {
      json(request, "{\"done\":true}");
    } else if (request.path().endsWith("/update")) {
      request.response().end();
    } else if (request.path().endsWith("/status") && now.equals("endless")) {
      request.response().setChunked(true);
      Vertx owner = io.vertx.core.Vertx.currentContext().owner();
      long drops = owner.setPeriodic(50, again -> request.response().write("x".repeat(65_536)));
      request.response().closeHandler(closed -> owner.cancelTimer(drops));
    } else if (request.path().endsWith("/status") && now.equals("untaken")) {
      json(
          request,
          "{\"gateway_status\":{\"error\":\"no orchestrators available at 10.0.0.7:8935\"}}");
    } else if (request.path().endsWith("/status")) {
      json(
          request,
          "{\"type\":\"status\",\"gateway_status\":{\"whep_url\":\"http://media.test:8889/x\"}}");
    } else if (request.path().endsWith(".wav") && now.equals("drip")) {
      Buffer all = Buffer.buffer(Samples.wav(3));
      request.response().putHeader("Content-Type", "audio/wav").setChunked(true);
      request.response().write(all.getBuffer(0, 10));
      io.vertx.core.Vertx.currentContext()
          .owner()
          .setTimer(200, late -> request.response().end(all.getBuffer(10, all.length())));
    } else if (request.path().endsWith(".wav")) {
      request.response().putHeader("Content-Type", "audio/wav").end(Buffer.buffer(Samples.wav(3)));
    } else if (request.path().startsWith("/stream/")) {
      request.response().putHeader("Content-Type", "image/png").end("png");
    } else if (request.path().endsWith("-out/whep")) {
      request
          .response()
          .setStatusCode(201)
          .putHeader("Location", "http://media.test:8889/whep/1")
          .putHeader("Content-Type", "application/sdp")
          .end("v=0 watch");
    } else if (request.path().endsWith("/whip")) {
      request
          .response()
          .setStatusCode(201)
          .putHeader("Location", request.path() + "/upstream-session")
          .putHeader("ETag", "\"1\"")
          .putHeader("Livepeer-Playback-URL", "http://play.test/x")
          .putHeader("Content-Type", "application/sdp")
          .end("v=0 answer");
    } else if (request.path().startsWith("/live/")) {
      request
          .response()
          .putHeader("Content-Type", "multipart/mixed; boundary=x")
          .end("--x\r\n\r\nrendition\r\n--x--");
    } else {
      json(request, "{\"images\":[{\"url\":\"/stream/abc/1.png\",\"seed\":1,\"nsfw\":false}]}");
    }
  }

  private static void llm(HttpServerRequest request, Buffer body, String now) {
    String usage = "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":%d,\"total_tokens\":%d}";
    if (now.equals("uncounted")) {
      json(
          request,
          "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Ich zähle "
              + "nichts.\",\"tool_calls\":null},\"finish_reason\":\"stop\"}]}");
      return;
    }
    if (!body.toJsonObject().getBoolean("stream")) {
      json(
          request,
          "{\"id\":\"c\",\"model\":\"m\",\"created\":1,\"choices\":[{\"index\":0,\"message\":"
              + "{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":\"stop\"}],"
              + usage.formatted(2, 7)
              + "}");
      return;
    }
    request.response().putHeader("Content-Type", "text/event-stream").setChunked(true);
    List<String> chunks = new ArrayList<>();
    for (int at = 1; at <= 3; at++) {
      chunks.add(
          "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w\"},\"finish_reason\":"
              + (at == 3 ? "\"stop\"" : "null")
              + "}],"
              + usage.formatted(at, 5 + at)
              + "}\n\n");
    }
    request.response().write(chunks.get(0));
    request.response().write(chunks.get(1));
    if (now.equals("break")) {
      request.response().drainHandler(null);
      io.vertx.core.Vertx.currentContext()
          .owner()
          .setTimer(100, late -> request.connection().close());
    } else {
      request.response().end(chunks.get(2));
    }
  }
}
