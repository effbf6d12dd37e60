package io.naap.deploy.simulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The public HTTP paths of a go-livepeer gateway, with its shapes, its defaults and its known
 * hazards. One event loop owns it.
 */
final class Gateway {
  private static final int MAX_MEDIA = 200;
  private static final int DEFAULT_SIDE = 512;

  private final Vertx vertx;
  private final LiveStreams streams;
  private final ByocStreams containers;
  private final AtomicLong requests = new AtomicLong();
  private final Map<String, Stored> media =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Stored> eldest) {
          return size() > MAX_MEDIA;
        }
      };
  private final Capacity capacity = new Capacity();

  /** Live streams that no orchestrator took, which their status says. */
  private final Set<String> untaken = new HashSet<>();

  private Fault faultForAll = Fault.NONE;

  Gateway(Vertx vertx, LiveStreams streams, ByocStreams containers) {
    this.vertx = vertx;
    this.streams = streams;
    this.containers = containers;
  }

  private record Stored(String type, Buffer bytes) {}

  long requests() {
    return requests.get();
  }

  Capacity capacity() {
    return capacity;
  }

  void faultForAll(Fault fault) {
    faultForAll = fault;
  }

  void handle(HttpServerRequest request) {
    String path = request.path();
    if (path.equals("/healthz")) {
      request.response().end();
      return;
    }
    if (path.startsWith("/stream/")
        && (HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method()))) {
      media(request);
      return;
    }
    requests.incrementAndGet();
    Fault fault = Fault.of(request, faultForAll);
    switch (fault.kind()) {
      case DROP -> request.connection().close();
      case HANG -> request.body();
      case STATUS ->
          request.body().onSuccess(b -> error(request, fault.value(), "simulated failure"));
      case EMPTY -> request.body().onSuccess(body -> request.response().end());
      case WRONG_SHAPE ->
          request.body().onSuccess(body -> json(request, new JsonObject().put("unexpected", true)));
      case DELAY ->
          request
              .body()
              .onSuccess(
                  body ->
                      vertx.setTimer(Math.max(1, fault.value()), t -> serve(request, body, fault)));
      case NONE, DROP_AFTER, NO_USAGE, SLOW ->
          request.body().onSuccess(body -> serve(request, body, fault));
    }
  }

  private void serve(HttpServerRequest request, Buffer body, Fault fault) {
    try {
      Optional<String> model = model(request, body);
      if (model.isPresent()) {
        if (!capacity.enter(model.get())) {
          request.connection().close();
          return;
        }
        request.response().endHandler(over -> leave(model.get()));
        request.response().closeHandler(gone -> leave(model.get()));
      }
      route(request, body, fault);
    } catch (IllegalArgumentException | DecodeException | ClassCastException bad) {
      error(request, 400, bad.getMessage());
    }
  }

  private void leave(String model) {
    capacity.leave(model);
  }

  /** Whose place a job takes; live streams have none of it, because they are answered first. */
  private static Optional<String> model(HttpServerRequest request, Buffer body) {
    String path = request.path();
    String type = String.valueOf(request.getHeader("content-type"));
    if (path.startsWith("/process/request/") || path.equals("/process/stream/start")) {
      return Optional.ofNullable(request.getHeader("Livepeer"))
          .map(header -> new JsonObject(Buffer.buffer(Base64.getDecoder().decode(header))))
          .map(job -> job.getString("capability"));
    }
    if (path.startsWith("/live/") || path.startsWith("/process/")) {
      return Optional.empty();
    }
    if (type.startsWith("application/json")) {
      JsonObject job = body.toJsonObject();
      return Optional.ofNullable(job.getString("model_id", job.getString("model")));
    }
    return type.startsWith("multipart/")
        ? Optional.ofNullable(form(request, body).get("model_id"))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private void route(HttpServerRequest request, Buffer body, Fault fault) {
    String path = request.path();
    if (path.startsWith("/live/video-to-video/")) {
      live(request, body);
      return;
    }
    if (path.matches("/live/[^/]+/[0-9]+\\.(ts|mp4)")) {
      transcode(request, body);
      return;
    }
    if (path.startsWith("/process/request/")) {
      byoc(request, body);
      return;
    }
    if (path.startsWith("/process/stream/")) {
      container(request, body);
      return;
    }
    if (!HttpMethod.POST.equals(request.method())) {
      // The OpenAPI filter's error handler writes nothing: an empty 200.
      request.response().end();
      return;
    }
    switch (path) {
      case "/text-to-image" -> textToImage(request, body.toJsonObject());
      case "/image-to-image", "/upscale", "/image-to-video" ->
          imageToMedia(request, form(request, body));
      case "/segment-anything-2" -> {
        require(form(request, body), "image");
        json(
            request,
            new JsonObject().put("masks", "[[0]]").put("scores", "[1.0]").put("logits", "[[0]]"));
      }
      case "/image-to-text" -> {
        require(form(request, body), "image");
        json(request, new JsonObject().put("text", "a gradient"));
      }
      case "/audio-to-text" -> audioToText(request, form(request, body));
      case "/text-to-speech" -> textToSpeech(request, body.toJsonObject());
      case "/llm" -> llm(request, body.toJsonObject(), fault);
      default -> request.response().setStatusCode(404).end("404 page not found\n");
    }
  }

  // --- batch AI ---

  private void textToImage(HttpServerRequest request, JsonObject job) {
    requireText(job, "prompt");
    if (job.getString("model_id", "").isEmpty()) {
      // go-livepeer dereferences the missing model after the work and drops the connection.
      request.connection().close();
      return;
    }
    int width = job.getInteger("width", DEFAULT_SIDE);
    int height = job.getInteger("height", DEFAULT_SIDE);
    int count = job.getInteger("num_images_per_prompt", 1);
    if (width < 1 || height < 1 || width > 4096 || height > 4096 || count < 1 || count > 10) {
      throw new IllegalArgumentException("invalid size");
    }
    images(request, count, "png", "image/png", seed -> Media.png(width, height, seed));
  }

  private void imageToMedia(HttpServerRequest request, Map<String, byte[]> form) {
    byte[] image = require(form, "image");
    if (!form.containsKey("model_id") || !isDecoded(image, request.path())) {
      request.connection().close();
      return;
    }
    if (request.path().equals("/image-to-video")) {
      images(request, 1, "mp4", "video/mp4", seed -> mp4(seed));
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(image);
    boolean png = image.length > 24 && header.getInt(12) == 0x49484452;
    int width = png ? header.getInt(16) : DEFAULT_SIDE;
    int height = png ? header.getInt(20) : DEFAULT_SIDE;
    int scale = request.path().equals("/upscale") ? 4 : 1;
    if (width < 1 || height < 1 || (long) width * height > 16_777_216L) {
      throw new IllegalArgumentException("invalid image");
    }
    images(
        request,
        1,
        "png",
        "image/png",
        seed -> Media.png(Math.min(width * scale, 4096), Math.min(height * scale, 4096), seed));
  }

  /** PNG, JPEG and GIF; image-to-video passes WebP on as well. */
  private static boolean isDecoded(byte[] image, String path) {
    String begin = new String(image, 0, Math.min(12, image.length), StandardCharsets.ISO_8859_1);
    return begin.startsWith("\u0089PNG")
        || begin.startsWith("\u00ff\u00d8")
        || begin.startsWith("GIF8")
        || (path.equals("/image-to-video") && begin.endsWith("WEBP"));
  }

  private void images(
      HttpServerRequest request, int count, String extension, String type, Maker maker) {
    String requestId = hexId();
    JsonArray images = new JsonArray();
    for (int i = 0; i < count; i++) {
      long seed = Math.floorMod(requestId.hashCode() + i, 1_000_000);
      images.add(
          new JsonObject()
              .put("url", store(requestId, extension, type, maker.make(seed)))
              .put("seed", seed)
              .put("nsfw", false));
    }
    json(request, new JsonObject().put("images", images));
  }

  private interface Maker {
    byte[] make(long seed);
  }

  private void audioToText(HttpServerRequest request, Map<String, byte[]> form) {
    byte[] audio = require(form, "audio");
    if (!form.containsKey("model_id")) {
      request.connection().close();
      return;
    }
    double seconds = wavSeconds(audio);
    if (seconds < 1) {
      throw new IllegalArgumentException("audio duration must be at least 1 second");
    }
    json(
        request,
        new JsonObject()
            .put("text", "silence")
            .put(
                "chunks",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("text", "silence")
                            .put("timestamp", new JsonArray().add(0.0).add(seconds)))));
  }

  private void textToSpeech(HttpServerRequest request, JsonObject job) {
    String text = requireText(job, "text");
    if (job.getString("model_id", "").isEmpty()) {
      request.connection().close();
      return;
    }
    String url = store(hexId(), "wav", "audio/wav", Media.wav(60L * text.length()));
    json(request, new JsonObject().put("audio", new JsonObject().put("url", url)));
  }

  private void llm(HttpServerRequest request, JsonObject job, Fault fault) {
    JsonArray messages = job.getJsonArray("messages");
    if (job.getString("model", "").isEmpty()
        || messages == null
        || messages.isEmpty()
        || job.getInteger("max_tokens", 0) < 1
        || !job.containsKey("stream")) {
      throw new IllegalArgumentException("missing required fields");
    }
    int promptTokens = 0;
    for (Object message : messages) {
      promptTokens += ((JsonObject) message).getString("content", "").length() / 4 + 4;
    }
    int tokens = Math.min(job.getInteger("max_tokens"), 24);
    Chat chat = new Chat(hexId(), job.getString("model"), promptTokens, tokens, fault);
    if (job.getBoolean("stream")) {
      HttpServerResponse response = request.response();
      response.setChunked(true).putHeader("content-type", "text/event-stream");
      chat.stream(response);
    } else {
      json(request, chat.whole());
    }
  }

  /** One answer of a language model that counts: "token 1 token 2 ...". */
  private final class Chat {
    private final String id;
    private final String model;
    private final int promptTokens;
    private final int tokens;
    private final Fault fault;

    private Chat(String id, String model, int promptTokens, int tokens, Fault fault) {
      this.id = id;
      this.model = model;
      this.promptTokens = promptTokens;
      this.tokens = tokens;
      this.fault = fault;
    }

    JsonObject whole() {
      StringBuilder text = new StringBuilder();
      for (int n = 1; n <= tokens; n++) {
        text.append("token").append(n).append(' ');
      }
      JsonObject choice =
          new JsonObject()
              .put("index", 0)
              .put(
                  "message",
                  new JsonObject().put("role", "assistant").put("content", text.toString()))
              .put("finish_reason", "stop");
      return answer(choice, tokens);
    }

    void stream(HttpServerResponse response) {
      next(response, 1);
    }

    private void next(HttpServerResponse response, int n) {
      if (response.closed()) {
        return;
      }
      if (fault.is(Fault.Kind.DROP_AFTER) && n > fault.value()) {
        response.reset();
        return;
      }
      boolean last = n > tokens;
      JsonObject delta = new JsonObject();
      if (!last) {
        delta.put("role", "assistant").put("content", "token" + n + " ");
      }
      JsonObject choice =
          new JsonObject()
              .put("index", 0)
              .put("delta", delta)
              .put("finish_reason", last ? "stop" : "");
      response.write("data: " + answer(choice, last ? tokens : n).encode() + "\n\n");
      if (last) {
        // go-livepeer stops here, without [DONE].
        response.end();
      } else {
        long pause = fault.is(Fault.Kind.SLOW) ? Math.max(1, fault.value()) : 2;
        vertx.setTimer(pause, timer -> next(response, n + 1));
      }
    }

    private JsonObject answer(JsonObject choice, int completionTokens) {
      JsonObject answer =
          new JsonObject()
              .put("id", id)
              .put("model", model)
              .put("created", System.currentTimeMillis() / 1000)
              .put("choices", new JsonArray().add(choice));
      if (!fault.is(Fault.Kind.NO_USAGE)) {
        answer.put(
            "usage",
            new JsonObject()
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens));
      }
      return answer;
    }
  }

  /** A capability of this name has no orchestrator, as a model of a batch job may have none. */
  private static final String UNSERVED = "nobody-serves-this";

  private void byoc(HttpServerRequest request, Buffer body) {
    if (requireJob(request).equals(UNSERVED)) {
      request.connection().close();
      return;
    }
    request
        .response()
        .putHeader("Livepeer-Balance", "0")
        .putHeader("X-Orchestrator-Url", "https://127.0.0.1:8935")
        .end(new JsonObject().put("echo", body.length()).toBuffer());
  }

  /** Streams: {@code start}, and what may be done with one that runs. */
  private void container(HttpServerRequest request, Buffer body) {
    String[] parts = request.path().split("/", -1);
    String name = parts[3];
    String action = parts.length > 4 ? parts[4] : "";
    if (name.equals("start") && action.isEmpty()) {
      var unused = requireJob(request);
      containers
          .start(body.length() == 0 ? new JsonObject() : body.toJsonObject())
          .onSuccess(urls -> json(request, urls))
          .onFailure(refused -> error(request, 403, refused.getMessage()));
      return;
    }
    if (action.equals("status") ? !containers.isKnown(name) : !containers.runs(name)) {
      error(request, 404, "Stream not found");
      return;
    }
    switch (action) {
      case "status" -> json(request, new JsonObject().put("whep_url", ""));
      case "update" -> {
        requireJob(request);
        json(request, new JsonObject());
      }
      case "stop" -> {
        containers.stop(name);
        request.response().end();
      }
      case "data" -> containers.listen(name, request.response());
      case "whip", "whep" ->
          request
              .response()
              .setStatusCode(201)
              .putHeader("content-type", "application/sdp")
              .end("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=simulated answer\r\nt=0 0\r\n");
      default -> error(request, 404, "404 page not found");
    }
  }

  /** The capability of a job's header, which must be whole. */
  private static String requireJob(HttpServerRequest request) {
    String header = request.getHeader("Livepeer");
    if (header == null) {
      throw new IllegalArgumentException("missing Livepeer header");
    }
    JsonObject job =
        new JsonObject(
            Buffer.buffer(Base64.getDecoder().decode(header)).toString(StandardCharsets.UTF_8));
    requireText(job, "id");
    String capability = requireText(job, "capability");
    new JsonObject(requireText(job, "request"));
    new JsonObject(requireText(job, "parameters"));
    if (job.getInteger("timeout_seconds", 0) < 1) {
      throw new IllegalArgumentException("timeout_seconds must be positive");
    }
    return capability;
  }

  // --- transcoding ---

  private void transcode(HttpServerRequest request, Buffer segment) {
    if (!HttpMethod.POST.equals(request.method()) && !HttpMethod.PUT.equals(request.method())) {
      error(request, 405, "method not allowed");
      return;
    }
    if (segment.length() == 0) {
      error(request, 422, "unprocessable segment");
      return;
    }
    String accept = request.getHeader("accept");
    if (accept == null || !accept.contains("multipart/mixed")) {
      request.response().end();
      return;
    }
    String boundary = hexId();
    Buffer answer = Buffer.buffer();
    for (String name : renditions(request.getHeader("livepeer-transcode-configuration"))) {
      String file = name + "_" + request.path().replaceAll(".*/", "");
      answer
          .appendString("--" + boundary + "\r\n")
          .appendString("Content-Type: video/MP2T; name=\"" + file + "\"\r\n")
          .appendString("Content-Length: " + segment.length() + "\r\n")
          .appendString("Content-Disposition: attachment; filename=\"" + file + "\"\r\n")
          .appendString("Rendition-Name: " + name + "\r\n\r\n")
          .appendBuffer(segment)
          .appendString("\r\n");
    }
    answer.appendString("--" + boundary + "--\r\n");
    request
        .response()
        .putHeader("content-type", "multipart/mixed; boundary=" + boundary)
        .end(answer);
  }

  /** Names of what a segment is made into: presets, then profiles, else the gateway's own. */
  private static List<String> renditions(String configuration) {
    JsonObject asked = configuration == null ? new JsonObject() : new JsonObject(configuration);
    List<String> names = new ArrayList<>();
    asked.getJsonArray("presets", new JsonArray()).forEach(name -> names.add((String) name));
    asked
        .getJsonArray("profiles", new JsonArray())
        .forEach(profile -> names.add(((JsonObject) profile).getString("name")));
    return names.isEmpty() ? List.of("P240p30fps16x9", "P360p30fps16x9") : names;
  }

  // --- live AI ---

  private void live(HttpServerRequest request, Buffer body) {
    String rest = request.path().substring("/live/video-to-video/".length());
    int slash = rest.indexOf('/');
    String name = slash < 0 ? rest : rest.substring(0, slash);
    String action = slash < 0 ? "" : rest.substring(slash + 1);
    if (action.equals("whip") && HttpMethod.POST.equals(request.method())) {
      whip(request, name, body);
    } else if (action.startsWith("whip/") && HttpMethod.DELETE.equals(request.method())) {
      boolean stopped = streams.stop(action.substring("whip/".length()), "ingest closed");
      request.response().setStatusCode(stopped ? 200 : 404).end();
    } else if (action.equals("whep") && name.endsWith("-out")) {
      String stream = name.substring(0, name.length() - "-out".length());
      if (!streams.running().containsKey(stream)) {
        error(request, 404, "stream not found");
        return;
      }
      request
          .response()
          .setStatusCode(201)
          .putHeader("content-type", "application/sdp")
          .putHeader("Location", "http://localhost:8889/" + name + "/whep/1")
          .end("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=simulated answer\r\nt=0 0\r\n");
    } else if (action.equals("status") && untaken.contains(name)) {
      json(
          request,
          new JsonObject()
              .put("gateway_status", new JsonObject().put("error", "no orchestrators available")));
    } else if (action.equals("status") && HttpMethod.GET.equals(request.method())) {
      withStream(request, name, () -> status(name));
    } else if (action.equals("update") && HttpMethod.POST.equals(request.method())) {
      withStream(request, name, JsonObject::new);
    } else {
      error(request, 404, "stream not found");
    }
  }

  private void whip(HttpServerRequest request, String name, Buffer offer) {
    if (!offer.toString(StandardCharsets.UTF_8).startsWith("v=0")) {
      error(request, 400, "invalid SDP offer");
      return;
    }
    String wanted = request.getParam("streamId", hexId());
    String pipeline = request.getParam("pipeline", "streamdiffusion");
    Future<LiveStreams.Stream> started = streams.start(name, wanted, pipeline, request.query());
    started.onSuccess(
        stream -> {
          if (!capacity.enter(pipeline)) {
            // It is answered before an orchestrator is looked for.
            streams.stop(stream.id(), "no orchestrators available");
            untaken.add(stream.id());
          } else {
            capacity.leave(pipeline);
          }
          request
              .response()
              .setStatusCode(201)
              .putHeader("content-type", "application/sdp")
              .putHeader("Location", "/live/video-to-video/" + name + "/whip/" + stream.id())
              .putHeader("ETag", "\"" + stream.id() + "\"")
              .putHeader("Livepeer-Playback-URL", "http://localhost:8889/" + name + "-out/whep")
              .end("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=simulated answer\r\nt=0 0\r\n");
        });
    started.onFailure(
        refused -> {
          streams.log().add("refused " + name + ": " + refused.getMessage());
          boolean denied = refused.getMessage().startsWith("live auth webhook");
          error(request, denied ? 403 : 503, refused.getMessage());
        });
  }

  private JsonObject status(String id) {
    return new JsonObject()
        .put("type", "status")
        .put("pipeline", streams.running().get(id).pipeline())
        .put(
            "gateway_status",
            new JsonObject()
                .put("whep_url", "http://localhost:8889/" + id + "-out/whep")
                .put("ingest_metrics", new JsonObject()));
  }

  /** A stream is known by its id and by its name. */
  private void withStream(HttpServerRequest request, String idOrName, Supplier<JsonObject> then) {
    if (streams.running().containsKey(idOrName)) {
      json(request, then.get());
    } else {
      error(request, 404, "stream not found");
    }
  }

  // --- shapes ---

  private String store(String requestId, String extension, String type, byte[] bytes) {
    String url = "/stream/" + requestId + "/" + hexId() + "." + extension;
    media.put(url, new Stored(type, Buffer.buffer(bytes)));
    return url;
  }

  private void media(HttpServerRequest request) {
    Stored stored = media.get(request.path());
    if (stored == null) {
      request.response().setStatusCode(404).end("404 page not found\n");
    } else {
      request.response().putHeader("content-type", stored.type()).end(stored.bytes());
    }
  }

  private static Map<String, byte[]> form(HttpServerRequest request, Buffer body) {
    return Multipart.parts(request.getHeader("content-type"), body);
  }

  private static byte[] require(Map<String, byte[]> form, String name) {
    byte[] part = form.get(name);
    if (part == null || part.length == 0) {
      throw new IllegalArgumentException("missing " + name);
    }
    return part;
  }

  private static String requireText(JsonObject job, String name) {
    String text = job.getString(name, "");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("missing " + name);
    }
    return text;
  }

  private static double wavSeconds(byte[] audio) {
    if (audio.length < 44 || audio[0] != 'R' || audio[8] != 'W') {
      throw new IllegalArgumentException("audio format not supported by this simulator: send WAV");
    }
    int bytesPerSecond = ByteBuffer.wrap(audio).order(ByteOrder.LITTLE_ENDIAN).getInt(28);
    return bytesPerSecond <= 0 ? 0 : (double) (audio.length - 44) / bytesPerSecond;
  }

  private static byte[] mp4(long seed) {
    byte[] box = new byte[1024];
    ByteBuffer.wrap(box)
        .putInt(24)
        .put("ftypisom".getBytes(StandardCharsets.US_ASCII))
        .putLong(seed);
    return box;
  }

  private static String hexId() {
    return "%08x".formatted(java.util.concurrent.ThreadLocalRandom.current().nextInt());
  }

  private static void json(HttpServerRequest request, JsonObject body) {
    request.response().putHeader("content-type", "application/json").end(body.toBuffer());
  }

  private static void error(HttpServerRequest request, int status, String message) {
    String shown =
        switch (status) {
          case 500 -> "Internal Server Error";
          case 503 -> "Service Unavailable Error";
          default -> message;
        };
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(new JsonObject().put("error", new JsonObject().put("message", shown)).toBuffer());
  }
}
