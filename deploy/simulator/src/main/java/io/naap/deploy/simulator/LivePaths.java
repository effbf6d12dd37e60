package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.error;
import static io.naap.deploy.simulator.Http.hexId;
import static io.naap.deploy.simulator.Http.json;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The paths of live AI streams. */
final class LivePaths {
  private final LiveStreams streams;
  private final Capacity capacity;

  /** Live streams that no orchestrator took, which their status says. */
  private final Set<String> untaken = new HashSet<>();

  LivePaths(LiveStreams streams, Capacity capacity) {
    this.streams = streams;
    this.capacity = capacity;
  }

  void serve(HttpServerRequest request, Buffer body) {
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
      Http.sdp(request, Map.of("Location", "http://localhost:8889/" + name + "/whep/1"));
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
            // A gateway answers before it looks for an orchestrator.
            streams.stop(stream.id(), "no orchestrators available");
            untaken.add(stream.id());
          } else {
            capacity.leave(pipeline);
          }
          Http.sdp(
              request,
              Map.of(
                  "Location",
                  "/live/video-to-video/" + name + "/whip/" + stream.id(),
                  "ETag",
                  "\"" + stream.id() + "\"",
                  "Livepeer-Playback-URL",
                  "http://localhost:8889/" + name + "-out/whep"));
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
}
