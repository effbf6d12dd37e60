package io.naap.deploy.local;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code ./naap demo}: the whole flow through the origin with a standard HTTP client and a wallet
 * of its own, each step with what it saw. Units and costs are computed here a second time and
 * compared.
 */
public final class Demo {
  private static final BigDecimal CREDIT = new BigDecimal("5.00");
  private static final int TIMED_JOBS = 200;
  private static final Duration VISIBLE_LIMIT = Duration.ofSeconds(10);
  private static final ObjectMapper EXACT =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final Report report;
  private final Api api;
  private final Wallet operatorWallet;
  private final Optional<URI> control;
  private final List<String> requestIds = new ArrayList<>();

  private Api.Session session;
  private Api.Session operator;
  private String key;
  private String keyId;
  private PriceList prices;
  private BigDecimal spent = BigDecimal.ZERO;

  private Demo(Report report, Running running) {
    this.report = report;
    this.api = new Api(running.origin());
    this.operatorWallet = running.operator();
    this.control = running.control();
  }

  /** Runs against the platform on the folder, or against a throw-away one. */
  static int run(Path root, Options options) throws InterruptedException {
    Optional<Running> running =
        options.nativeExecutables() ? Optional.empty() : Running.find(options);
    Report report = new Report(options.json(), System.out, commit(root));
    if (running.isPresent()) {
      return new Demo(report, running.get()).run();
    }
    Path data = temporary();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--data",
                data.toString(),
                "--port-base",
                String.valueOf(
                    options.ports().equals(Ports.usual())
                        ? Platform.freePortBase()
                        : options.ports().origin())));
    if (options.nativeExecutables()) {
      arguments.add("--native");
    }
    Progress progress = new Progress(System.err);
    try (Platform platform =
        Platform.start(root, progress::step, arguments.toArray(String[]::new))) {
      int status = run(platform, report);
      report.figure(
          "resident memory of the five services after the demo",
          BigDecimal.valueOf(platform.residentBytes() / (1024 * 1024)),
          "MiB");
      report.close();
      return status;
    }
  }

  /** Runs against a platform that the caller started; the caller closes the report. */
  public static int run(Platform platform, Report report) {
    new Demo(
            report,
            new Running(
                platform.origin(),
                platform.operator(),
                platform.demoWallet(),
                platform.simulatorControl()))
        .steps();
    return report.ok() ? 0 : 1;
  }

  private int run() {
    steps();
    report.close();
    return report.ok() ? 0 : 1;
  }

  private void steps() {
    report.step("sign in with a wallet", this::signIn);
    report.step("sign in as the operator", this::signInOperator);
    report.step("a replayed sign-in is refused", this::replayedSignIn);
    report.step("read the price list", this::readPrices);
    report.step("create an API key", this::createKey);
    report.step("a mistyped key gets 401", this::mistypedKey);
    report.step("an empty balance gets 402", this::emptyBalance);
    report.step("the operator credits the tenant", this::credit);
    report.step("text-to-image", this::textToImage);
    report.step("llm", this::llm);
    report.step("chat completions, streamed", this::chatStreamed);
    report.step("chat completions, plain", this::chatPlain);
    report.step("audio-to-text", this::audioToText);
    report.step("transcode a segment", this::transcode);
    report.step("live AI stream", this::live);
    report.step("the generation cap gets 429", this::generationCap);
    report.step("the request rate gets 429", this::requestRate);
    report.step("usage is visible within a second", this::timed);
    report.step("every job is one usage event", this::oneEventEach);
    report.step("the balance is what is left", this::balance);
    report.step("reconciliation shows the margin", this::reconciliation);
  }

  // --- who ---

  private String signIn() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    Wallet wallet = Wallet.of(HexFormat.of().formatHex(random));
    session = api.signIn(wallet);
    return wallet.address() + " is " + session.tenantId();
  }

  private String signInOperator() {
    operator = new Api(origin()).signIn(operatorWallet);
    JsonNode me = new Api(origin()).get("/v1/me", operator.accessToken()).expect(200).json();
    check(me.toString().contains("operator"), "the operator has no operator role: " + me);
    return operatorWallet.address() + " is operator";
  }

  private String replayedSignIn() {
    Api again = new Api(origin());
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    Wallet wallet = Wallet.of(HexFormat.of().formatHex(random));
    String nonce = again.get("/auth/siwe/nonce", null).expect(200).json().path("nonce").asText();
    String message = again.message(wallet, nonce, java.time.Instant.now());
    String body = Api.json(Map.of("message", message, "signature", wallet.sign(message)));
    again.post("/auth/siwe/verify", null, body).expect(200);
    Api.Answer replay = again.post("/auth/siwe/verify", null, body).expect(401);
    return "401 " + replay.json().path("code").asText();
  }

  private String readPrices() throws IOException {
    Api.Answer plans = api.get("/v1/plans", session.accessToken()).expect(200);
    JsonNode plan = EXACT.readTree(plans.body()).path("data").path(0);
    prices = new PriceList(plan);
    return plan.path("name").asText() + ", " + plan.path("charges").size() + " charges";
  }

  private String createKey() {
    JsonNode created =
        api.createKey(
            session,
            """
            {"name":"demo","tags":["demo"],"limits":{"requests_per_minute":600,
             "caps":[{"what":"generations","window":"day","limit":1000}]}}""");
    key = created.path("key").asText();
    keyId = created.path("id").asText();
    check(key.matches("naap_live_[0-9A-Za-z]{50}"), "not in the key grammar");
    JsonNode shown = api.get("/v1/keys/" + keyId, session.accessToken()).expect(200).json();
    check(!shown.toString().contains(key), "the key is shown twice");
    return keyId + ", 600 requests a minute, 1000 generations a day";
  }

  private String mistypedKey() {
    char last = key.charAt(key.length() - 1);
    String mistyped = key.substring(0, key.length() - 1) + (last == 'a' ? 'b' : 'a');
    Api.Answer refused = image(mistyped, 64, 64, 1).expect(401);
    return "401 " + refused.json().path("code").asText();
  }

  // --- money in ---

  private String emptyBalance() {
    Api.Answer refused = image(key, 64, 64, 1).expect(402);
    return "402 " + refused.json().path("code").asText();
  }

  private String credit() {
    String once = "demo-" + session.tenantId();
    Api.Answer first = api.credit(operator, session.tenantId(), CREDIT.toPlainString(), once);
    first.expect(201);
    Api.Answer again = api.credit(operator, session.tenantId(), CREDIT.toPlainString(), once);
    check(again.text().equals(first.text()), "a repeated credit was not the same credit");
    BigDecimal balance = balanceNow();
    check(balance.compareTo(CREDIT) == 0, "the balance is " + balance);
    // A router remembers for a fifth of a second that there was no money.
    Duration open =
        Api.await(
            Duration.ofSeconds(2),
            () -> {
              Api.Answer answer = image(key, 64, 64, 1);
              if (answer.status() == 200) {
                requestIds.add(settled(answer));
              }
              return answer.status() == 200;
            },
            () -> "jobs are still refused two seconds after the credit");
    return "balance "
        + balance.toPlainString()
        + " USD, the same after a repeated request; jobs run "
        + open.toMillis()
        + " ms later";
  }

  // --- jobs ---

  private String textToImage() throws IOException {
    Api.Answer answer = image(key, 640, 360, 2).expect(200);
    JsonNode images = answer.json().path("images");
    check(images.size() == 2, "expected two images: " + answer.text());
    URI url = URI.create(images.path(0).path("url").asText());
    Api.Answer png = api.get(url.isAbsolute() ? url.getRawPath() : url.toString(), key).expect(200);
    ByteBuffer header = ByteBuffer.wrap(png.body());
    check(header.getInt(16) == 640 && header.getInt(20) == 360, "the image has another size");
    return job(
        answer,
        "text-to-image",
        "stabilityai/sdxl-turbo",
        Map.of("requests", 1L, "pixels", 640L * 360 * 2, "generations", 2L));
  }

  private String llm() throws IOException {
    Api.Answer answer =
        api.post(
                "/llm",
                key,
                """
                {"model":"meta-llama/llama-3.1-8B-Instruct","max_tokens":16,"stream":false,
                 "messages":[{"role":"user","content":"count"}]}""")
            .expect(200);
    return job(answer, "llm", "meta-llama/llama-3.1-8B-Instruct", tokens(answer.json()));
  }

  private String chatPlain() throws IOException {
    Api.Answer answer =
        api.post(
                "/v1/chat/completions",
                key,
                """
                {"model":"meta-llama/llama-3.1-8B-Instruct","max_tokens":16,
                 "messages":[{"role":"user","content":"count"}]}""")
            .expect(200);
    return job(answer, "llm", "meta-llama/llama-3.1-8B-Instruct", tokens(answer.json()));
  }

  private String chatStreamed() throws IOException {
    Api.Answer answer =
        api.post(
                "/v1/chat/completions",
                key,
                """
                {"model":"meta-llama/llama-3.1-8B-Instruct","max_tokens":16,"stream":true,
                 "stream_options":{"include_usage":true},
                 "messages":[{"role":"user","content":"count"}]}""")
            .expect(200);
    List<String> data = answer.text().lines().filter(line -> line.startsWith("data: ")).toList();
    check(data.get(data.size() - 1).equals("data: [DONE]"), "the stream has no [DONE]");
    JsonNode last = null;
    for (String line : data.subList(0, data.size() - 1)) {
      JsonNode chunk = EXACT.readTree(line.substring("data: ".length()));
      if (chunk.hasNonNull("usage")) {
        last = chunk;
      }
    }
    check(last != null, "no chunk has usage");
    return data.size()
        + " events, "
        + job(answer, "llm", "meta-llama/llama-3.1-8B-Instruct", tokens(last));
  }

  private String audioToText() throws IOException {
    String boundary = "naap-demo";
    byte[] audio = wav(3_500);
    byte[] head =
        ("--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"model_id\"\r\n\r\n"
                + "openai/whisper-large-v3\r\n--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n"
                + "Content-Type: audio/wav\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer form = ByteBuffer.allocate(head.length + audio.length + tail.length);
    form.put(head).put(audio).put(tail);
    Api.Answer answer =
        api.send(
                api.request("/audio-to-text", key)
                    .header("content-type", "multipart/form-data; boundary=" + boundary)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(form.array())))
            .expect(200);
    check(answer.json().path("text").asText().equals("silence"), answer.text());
    return job(answer, "audio-to-text", "openai/whisper-large-v3", Map.of("milliseconds", 3_500L));
  }

  private String transcode() throws IOException {
    byte[] segment = new byte[188 * 100];
    for (int at = 0; at < segment.length; at += 188) {
      segment[at] = 0x47;
    }
    Api.Answer answer =
        api.send(
                api.request("/live/demo-" + System.nanoTime() + "/0.ts", key)
                    .header("content-type", "video/mp2t")
                    .header("content-duration", "2000")
                    .header("content-resolution", "1280x720")
                    .header("accept", "multipart/mixed")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(segment)))
            .expect(200);
    check(answer.header("content-type").startsWith("multipart/mixed"), "no renditions came back");
    // P240p30fps16x9 and P360p30fps16x9, as the router asks for where a segment does not.
    long pixels = (426 * 240 + 640 * 360) * 30L * 2;
    return job(answer, "transcoding", "h264", Map.of("milliseconds", 2_000L, "pixels", pixels));
  }

  private String live() throws IOException, InterruptedException {
    long start = System.nanoTime();
    Api.Answer answer =
        api.send(
                api.request("/live/video-to-video/demo/whip?pipeline=streamdiffusion", key)
                    .header("content-type", "application/sdp")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")))
            .expect(201);
    String requestId = answer.header("x-request-id");
    Api.await(
        Duration.ofSeconds(30),
        () -> events(requestId).size() >= 2,
        () -> "no heartbeat was metered");
    String location = URI.create(answer.header("location")).getRawPath();
    Api.Answer ended = api.send(api.request(location, key).DELETE());
    check(ended.status() / 100 == 2, "the stream did not end: " + ended);
    long ranMillis = (System.nanoTime() - start) / 1_000_000;
    Thread.sleep(1_500);
    long metered = 0;
    for (JsonNode event : events(requestId)) {
      Map<String, Long> units = units(event);
      metered += units.getOrDefault("milliseconds", 0L);
      BigDecimal cost = cost(event);
      BigDecimal expected = prices.cost("live-video-to-video", "streamdiffusion", units);
      check(cost.compareTo(expected) == 0, "a stretch costs " + cost + ", not " + expected);
      spent = spent.add(cost);
    }
    check(
        metered > 0 && metered <= ranMillis + 1_000 && metered >= ranMillis - 7_000,
        "metered " + metered + " ms of a stream of " + ranMillis + " ms");
    return metered + " ms metered of " + ranMillis + " ms" + tickets();
  }

  private String tickets() {
    if (control.isEmpty()) {
      return "";
    }
    JsonNode seen = new Api(control.get()).get("/state", null).json().path("tickets");
    check(seen.path("accepted").asLong() > 0, "the orchestrator has no ticket: " + seen);
    check(seen.path("refused").isEmpty(), "the orchestrator refused tickets: " + seen);
    return ", orchestrator took " + seen.path("accepted").asLong() + " tickets, refused none";
  }

  // --- limits ---

  private String generationCap() {
    String capped =
        api.createKey(
                session,
                """
                {"name":"capped","limits":{"caps":[{"what":"generations","window":"day","limit":3}]}}""")
            .path("key")
            .asText();
    requestIds.add(settled(image(capped, 64, 64, 2).expect(200)));
    Api.Answer refused = image(capped, 64, 64, 2).expect(429);
    limitHeaders(refused);
    return "429 " + refused.json().path("violated-policies");
  }

  private String requestRate() {
    String limited =
        api.createKey(session, "{\"name\":\"limited\",\"limits\":{\"requests_per_minute\":2}}")
            .path("key")
            .asText();
    requestIds.add(settled(image(limited, 64, 64, 1).expect(200)));
    requestIds.add(settled(image(limited, 64, 64, 1).expect(200)));
    Api.Answer refused = image(limited, 64, 64, 1).expect(429);
    limitHeaders(refused);
    return "429, RateLimit: "
        + refused.header("ratelimit")
        + ", Retry-After: "
        + refused.header("retry-after");
  }

  private static void limitHeaders(Api.Answer refused) {
    check(!refused.header("ratelimit").isEmpty(), "no RateLimit header");
    check(!refused.header("ratelimit-policy").isEmpty(), "no RateLimit-Policy header");
    check(!refused.header("retry-after").isEmpty(), "no Retry-After header");
  }

  /** Counts a small image towards what must be spent, and returns its request id. */
  private String settled(Api.Answer answer) {
    int generations = answer.json().path("images").size();
    spent =
        spent.add(
            prices.cost(
                "text-to-image",
                "stabilityai/sdxl-turbo",
                Map.of(
                    "requests",
                    1L,
                    "pixels",
                    64L * 64 * generations,
                    "generations",
                    (long) generations)));
    return answer.header("x-request-id");
  }

  // --- books ---

  private String timed() {
    List<Long> delays = new ArrayList<>();
    for (int job = 0; job < TIMED_JOBS; job++) {
      Api.Answer answer = image(key, 64, 64, 1).expect(200);
      requestIds.add(settled(answer));
      BigDecimal expected = CREDIT.subtract(spent);
      String requestId = answer.header("x-request-id");
      Duration delay =
          Api.await(
                  VISIBLE_LIMIT,
                  () -> events(requestId).size() == 1 && balanceNow().compareTo(expected) == 0)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "after 10 s the balance is "
                              + balanceNow()
                              + ", expected "
                              + expected
                              + ", events "
                              + events(requestId)));
      delays.add(delay.toMillis());
    }
    Collections.sort(delays);
    long p99 = delays.get(TIMED_JOBS * 99 / 100 - 1);
    report.figureAtMost(
        "usage visible after the response, p99 over 200 jobs",
        BigDecimal.valueOf(p99),
        "ms",
        BigDecimal.valueOf(1000));
    return TIMED_JOBS
        + " jobs, median "
        + delays.get(TIMED_JOBS / 2)
        + " ms, p99 "
        + p99
        + " ms until usage and balance show it";
  }

  private String oneEventEach() {
    for (String requestId : requestIds) {
      List<JsonNode> events = events(requestId);
      check(events.size() == 1, requestId + " has " + events.size() + " events");
    }
    JsonNode usage =
        api.get("/v1/usage?group_by=capability", session.accessToken()).expect(200).json();
    BigDecimal shown = BigDecimal.ZERO;
    for (JsonNode row : usage.path("data")) {
      shown = shown.add(new BigDecimal(row.path("cost").path("amount").asText()));
    }
    report.figureExactly("usage shown by GET /v1/usage", shown, "USD", spent);
    return requestIds.size() + " requests, " + requestIds.size() + " events";
  }

  private String balance() {
    BigDecimal expected = CREDIT.subtract(spent);
    Api.await(VISIBLE_LIMIT, () -> balanceNow().compareTo(expected) == 0);
    BigDecimal balance = balanceNow();
    report.figureExactly("balance after the demo", balance, "USD", expected);
    return CREDIT + " - " + spent + " = " + balance.toPlainString();
  }

  private String reconciliation() {
    JsonNode answer =
        new Api(origin())
            .get("/v1/reconciliation?tenant_id=" + session.tenantId(), operator.accessToken())
            .expect(200)
            .json();
    JsonNode totals = answer.path("totals");
    BigDecimal revenue = new BigDecimal(totals.path("revenue").path("amount").asText());
    BigDecimal cost = new BigDecimal(totals.path("network_cost_usd").path("amount").asText());
    BigDecimal margin = new BigDecimal(totals.path("margin").path("amount").asText());
    report.figureExactly("revenue of the tenant", revenue, "USD", spent);
    report.figure("network cost of the tenant", cost, "USD");
    report.figureExactly("margin of the tenant", margin, "USD", revenue.subtract(cost));
    check(
        control.isEmpty()
            || new BigDecimal(totals.path("network_cost").path("amount").asText()).signum() > 0,
        "no network cost: " + answer);
    api.get("/v1/reconciliation", session.accessToken()).expect(403);
    return "revenue " + revenue + ", network cost " + cost + ", margin " + margin + " USD";
  }

  // --- how ---

  private URI origin() {
    return api.origin();
  }

  private Api.Answer image(String apiKey, int width, int height, int count) {
    return api.post(
        "/text-to-image",
        apiKey,
        """
        {"prompt":"a lighthouse","width":%d,"height":%d,"num_images_per_prompt":%d}"""
            .formatted(width, height, count));
  }

  /** Waits for a job's one event, holds its units and cost against our own, and counts it. */
  private String job(
      Api.Answer answer, String capability, String model, Map<String, Long> expectedUnits) {
    String requestId = answer.header("x-request-id");
    check(!requestId.isEmpty(), "no x-request-id");
    Api.await(
        VISIBLE_LIMIT, () -> !events(requestId).isEmpty(), () -> "no usage event for " + requestId);
    JsonNode event = events(requestId).get(0);
    Map<String, Long> units = units(event);
    expectedUnits.forEach(
        (unit, amount) ->
            check(
                amount.equals(units.getOrDefault(unit, 0L)),
                "expected " + expectedUnits + " but metered " + units));
    BigDecimal expected = prices.cost(capability, model, units);
    Api.await(VISIBLE_LIMIT, () -> cost(events(requestId).get(0)).compareTo(expected) == 0);
    BigDecimal cost = cost(events(requestId).get(0));
    check(cost.compareTo(expected) == 0, "costs " + cost + ", expected " + expected);
    spent = spent.add(cost);
    requestIds.add(requestId);
    return units + ", " + cost.toPlainString() + " USD";
  }

  private List<JsonNode> events(String requestId) {
    JsonNode found =
        api.get("/v1/usage/events?request_id=" + requestId, session.accessToken())
            .expect(200)
            .json();
    List<JsonNode> events = new ArrayList<>();
    found.path("data").forEach(events::add);
    return events;
  }

  private static Map<String, Long> units(JsonNode event) {
    Map<String, Long> units = new TreeMap<>();
    event.path("units").properties().forEach(e -> units.put(e.getKey(), e.getValue().asLong()));
    return units;
  }

  private static Map<String, Long> tokens(JsonNode answer) {
    JsonNode usage = answer.path("usage");
    return Map.of(
        "tokens_in", usage.path("prompt_tokens").asLong(),
        "tokens_out", usage.path("completion_tokens").asLong());
  }

  private static BigDecimal cost(JsonNode event) {
    return new BigDecimal(event.path("cost").path("amount").asText("0"));
  }

  private BigDecimal balanceNow() {
    JsonNode balance = api.get("/v1/balance", session.accessToken()).expect(200).json();
    return new BigDecimal(balance.path("balance").path("amount").asText());
  }

  private static byte[] wav(int milliseconds) {
    int data = milliseconds * 32;
    ByteBuffer wav = ByteBuffer.allocate(44 + data).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + data);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(16_000).putInt(32_000);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(data);
    return wav.array();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("naap-demo");
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  private static String commit(Path root) {
    try {
      Process git =
          new ProcessBuilder("git", "-C", root.toString(), "rev-parse", "--short", "HEAD")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return commit.isEmpty() ? "unknown" : commit;
    } catch (IOException noGit) {
      return "unknown";
    }
  }
}
