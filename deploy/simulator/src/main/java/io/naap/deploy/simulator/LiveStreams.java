package io.naap.deploy.simulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Live AI streams as the gateway sees them: asked about at the auth webhook, paid for through the
 * signer, listed in heartbeats, and ended by the heartbeat's answer.
 */
final class LiveStreams {
  private static final long TIMEOUT_MS = 5_000;

  private final HttpClient client;
  private final Settings settings;
  private final Optional<Signer> signer;
  private final Map<String, Stream> running = new LinkedHashMap<>();
  private final List<String> log = new ArrayList<>();

  LiveStreams(Vertx vertx, HttpClient client, Settings settings, Optional<Signer> signer) {
    this.client = client;
    this.settings = settings;
    this.signer = signer;
    vertx.setPeriodic(settings.heartbeatMillis(), timer -> beat());
  }

  /** One stream that runs. */
  record Stream(String id, String name, String pipeline, Optional<Signer.Session> payments) {}

  /** Running streams by id. */
  Map<String, Stream> running() {
    return running;
  }

  /** What happened to streams, oldest first, for tests. */
  List<String> log() {
    return log;
  }

  /** Starts a stream if the webhook lets it; fails with the reason otherwise. */
  Future<Stream> start(String name, String wantedId, String pipeline, String query) {
    return authorise(name, query)
        .compose(
            allowed -> {
              String id = allowed.getString("stream_id", wantedId);
              String model = allowed.getString("pipeline", pipeline);
              Optional<Signer.Session> payments = signer.map(s -> s.session(model, id));
              Stream stream = new Stream(id, name, model, payments);
              return payments
                  .map(Signer.Session::pay)
                  .orElse(Future.succeededFuture())
                  .map(
                      paid -> {
                        running.put(id, stream);
                        log.add("started " + id);
                        return stream;
                      });
            });
  }

  /** Ingest went away. */
  boolean stop(String id, String why) {
    boolean ran = running.remove(id) != null;
    if (ran) {
      log.add("stopped " + id + ": " + why);
    }
    return ran;
  }

  /** What the auth webhook says of a stream; fails when it refuses. */
  Future<JsonObject> authorise(String name, String query) {
    if (settings.liveAuthUrl().isEmpty()) {
      return Future.succeededFuture(new JsonObject());
    }
    JsonObject question =
        new JsonObject()
            .put("stream", name)
            .put("stream_key", name)
            .put("type", "whip")
            .put("query_params", query == null ? "" : query)
            .put("gateway_host", "127.0.0.1:" + settings.httpPort())
            .put("whep_url", "")
            .put("status_url", "")
            .put("update_url", "");
    return post(settings.liveAuthUrl(), question)
        .compose(
            answer ->
                answer.status() / 100 == 2
                    ? Future.succeededFuture(
                        answer.body().length() == 0
                            ? new JsonObject()
                            : answer.body().toJsonObject())
                    : Future.failedFuture("live auth webhook answered " + answer.status()));
  }

  private void beat() {
    if (running.isEmpty()) {
      return;
    }
    for (Stream stream : List.copyOf(running.values())) {
      stream
          .payments()
          .ifPresent(
              payments ->
                  payments
                      .pay()
                      .onFailure(failed -> log.add("payment failed: " + failed.getMessage())));
    }
    if (settings.heartbeatUrl().isEmpty()) {
      return;
    }
    post(
            settings.heartbeatUrl(),
            new JsonObject().put("ids", new JsonArray(List.copyOf(running.keySet()))))
        .onSuccess(
            answer -> {
              if (answer.status() / 100 == 2 && answer.body().length() > 0) {
                JsonArray ended =
                    answer
                        .body()
                        .toJsonObject()
                        .getJsonArray("terminatedStreamIds", new JsonArray());
                ended.forEach(id -> stop(String.valueOf(id), "credit_exhaustion"));
              }
            })
        .onFailure(failed -> log.add("heartbeat failed: " + failed.getMessage()));
  }

  private Future<Answer> post(String url, JsonObject body) {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(url)
                .setTimeout(TIMEOUT_MS)
                .putHeader("content-type", "application/json"))
        .compose(request -> request.send(body.toBuffer()))
        .compose(response -> response.body().map(read -> new Answer(response.statusCode(), read)));
  }

  private record Answer(int status, Buffer body) {}
}
