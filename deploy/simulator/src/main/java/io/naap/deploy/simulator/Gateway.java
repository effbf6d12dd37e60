package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.error;
import static io.naap.deploy.simulator.Http.form;
import static io.naap.deploy.simulator.Http.json;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The public HTTP paths of a go-livepeer gateway, with its shapes, its defaults and its known
 * hazards. One event loop owns it.
 */
final class Gateway {
  private final Vertx vertx;
  private final AtomicLong requests = new AtomicLong();
  private final MediaStore media = new MediaStore();
  private final Capacity capacity = new Capacity();
  private final BatchJobs batch = new BatchJobs(media);
  private final LivePaths live;
  private final ContainerPaths containers;
  private Fault faultForAll = Fault.NONE;

  Gateway(Vertx vertx, LiveStreams streams, ByocStreams containers) {
    this.vertx = vertx;
    this.live = new LivePaths(streams, capacity);
    this.containers = new ContainerPaths(containers);
  }

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
      media.serve(request);
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
        request.response().endHandler(over -> capacity.leave(model.get()));
        request.response().closeHandler(gone -> capacity.leave(model.get()));
      }
      route(request, body, fault);
    } catch (IllegalArgumentException | DecodeException | ClassCastException bad) {
      error(request, 400, bad.getMessage());
    }
  }

  /**
   * The model whose capacity a job takes; none for live streams, because a gateway answers them
   * before it looks for an orchestrator.
   */
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
      live.serve(request, body);
    } else if (path.matches("/live/[^/]+/[0-9]+\\.(ts|mp4)")) {
      Transcoder.serve(request, body);
    } else if (path.startsWith("/process/request/")) {
      containers.job(request, body);
    } else if (path.startsWith("/process/stream/")) {
      containers.stream(request, body);
    } else if (!HttpMethod.POST.equals(request.method())) {
      // The OpenAPI filter's error handler writes nothing: an empty 200.
      request.response().end();
    } else if (path.equals("/llm")) {
      Chat.serve(vertx, request, body.toJsonObject(), fault);
    } else if (!batch.serve(request, body)) {
      request.response().setStatusCode(404).end("404 page not found\n");
    }
  }
}
