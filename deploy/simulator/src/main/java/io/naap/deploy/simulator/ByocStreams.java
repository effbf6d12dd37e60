package io.naap.deploy.simulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Streams of BYOC containers as go-livepeer's gateway keeps them (byoc/stream_gateway.go): no
 * heartbeat lists them, their status outlives them, and their data ends with them.
 */
final class ByocStreams {
  private static final long EVENT_MS = 500;

  private final Vertx vertx;
  private final LiveStreams webhook;
  private final Settings settings;
  private final Map<String, Set<HttpServerResponse>> running = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  ByocStreams(Vertx vertx, LiveStreams webhook, Settings settings) {
    this.vertx = vertx;
    this.webhook = webhook;
    this.settings = settings;
  }

  /** Starts one if the webhook lets it; answers with its addresses. */
  Future<JsonObject> start(JsonObject wish) {
    String stream = wish.getString("stream_name", "");
    String id = wish.getString("stream_id", "1");
    return webhook
        .authorise(stream, wish.getString("params", ""))
        .map(
            allowed -> {
              String name =
                  allowed.getString("stream_id", stream.isEmpty() ? id : stream + "-" + id);
              if (running.containsKey(name)) {
                throw new IllegalArgumentException("stream already exists: " + name);
              }
              running.put(name, new LinkedHashSet<>());
              known.add(name);
              String at = "https://127.0.0.1:" + settings.httpPort() + "/process/stream/" + name;
              return new JsonObject()
                  .put("stream_id", name)
                  .put("whip_url", at + "/whip")
                  .put("whep_url", at + "/whep")
                  .put("rtmp_url", "rtmp://127.0.0.1:1935/" + name)
                  .put("rtmp_output_url", "")
                  .put("update_url", at + "/update")
                  .put("status_url", at + "/status")
                  .put("data_url", at + "/data")
                  .put("stop_url", at + "/stop");
            });
  }

  boolean runs(String name) {
    return running.containsKey(name);
  }

  boolean isKnown(String name) {
    return known.contains(name);
  }

  /** False when there is none of that name. */
  boolean stop(String name) {
    Set<HttpServerResponse> listeners = running.remove(name);
    if (listeners == null) {
      return false;
    }
    for (HttpServerResponse listener : List.copyOf(listeners)) {
      listener.end("event: end\ndata: {\"type\":\"stream_ended\"}\n\n");
    }
    return true;
  }

  /** Events until the stream, or whoever listens, is gone. */
  void listen(String name, HttpServerResponse response) {
    Set<HttpServerResponse> listeners = running.get(name);
    response.putHeader("content-type", "text/event-stream").setChunked(true);
    listeners.add(response);
    long timer =
        vertx.setPeriodic(
            1,
            EVENT_MS,
            tick -> {
              if (!response.ended() && !response.closed()) {
                response.write("data: {\"frames\":12}\n\n");
              }
            });
    response.endHandler(over -> vertx.cancelTimer(timer));
    response.closeHandler(
        gone -> {
          vertx.cancelTimer(timer);
          listeners.remove(response);
        });
  }
}
