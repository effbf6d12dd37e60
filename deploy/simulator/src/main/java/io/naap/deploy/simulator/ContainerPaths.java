package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.error;
import static io.naap.deploy.simulator.Http.json;
import static io.naap.deploy.simulator.Http.requireText;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Jobs and streams for containers (BYOC). */
final class ContainerPaths {
  /** A capability of this name has no orchestrator, as a model of a batch job may have none. */
  private static final String UNSERVED = "nobody-serves-this";

  private final ByocStreams containers;

  ContainerPaths(ByocStreams containers) {
    this.containers = containers;
  }

  void job(HttpServerRequest request, Buffer body) {
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
  void stream(HttpServerRequest request, Buffer body) {
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
      case "whip", "whep" -> Http.sdp(request, Map.of());
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
}
