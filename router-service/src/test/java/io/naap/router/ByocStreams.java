package io.naap.router;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams of a gateway's BYOC containers, with its own habits: it joins two names into one, and
 * its status outlives a stream.
 */
final class ByocStreams {
  /** Streams that run, and who listens to their data. */
  static final Map<String, HttpServerResponse> RUNNING = new ConcurrentHashMap<>();

  private ByocStreams() {}

  static void play(HttpServerRequest request, Buffer body) {
    String[] path = request.path().split("/", -1);
    HttpServerResponse response = request.response();
    if (request.path().equals("/process/stream/start")) {
      JsonObject wish = body.toJsonObject();
      String name = wish.getString("stream_name") + "-" + wish.getString("stream_id");
      RUNNING.put(name, response);
      if (FakeServices.mode.equals("start-drop")) {
        request.connection().close();
        return;
      }
      String at = "https://inside.test/process/stream/" + name;
      String answer =
          new JsonObject()
              .put("stream_id", name)
              .put("whip_url", at + "/whip")
              .put("whep_url", "https://media.test/" + name + "/whep")
              .put("rtmp_url", "rtmp://media.test/" + name)
              .put("update_url", at + "/update")
              .put("status_url", at + "/status")
              .put("data_url", at + "/data")
              .put("stop_url", at + "/stop")
              .toString();
      response.putHeader("Content-Type", "application/json");
      if (FakeServices.mode.equals("start-late")) {
        Vertx.currentContext().owner().setTimer(600, late -> response.end(answer));
      } else {
        response.end(answer);
      }
      return;
    }
    String name = path[3];
    boolean runs = RUNNING.containsKey(name);
    switch (path[4]) {
      case "status" ->
          response.putHeader("Content-Type", "application/json").end("{\"whep_url\":\"\"}");
      case "stop" -> {
        HttpServerResponse listener = RUNNING.remove(name);
        if (listener != null && !listener.ended()) {
          listener.end("event: end\ndata: {\"type\":\"stream_ended\"}\n\n");
        }
        response.setStatusCode(runs ? 200 : 404).end();
      }
      case "data" -> {
        if (!runs) {
          response.setStatusCode(404).end("Stream not found");
        } else {
          RUNNING.put(name, response);
          response.putHeader("Content-Type", "text/event-stream").setChunked(true);
          response.write("data: {\"n\":1}\n\n");
        }
      }
      case "whip", "whep" ->
          response
              .setStatusCode(201)
              .putHeader("Content-Type", "application/sdp")
              .end("v=0 " + path[4]);
      default -> response.setStatusCode(runs ? 200 : 404).end("{\"updated\":true}");
    }
  }
}
