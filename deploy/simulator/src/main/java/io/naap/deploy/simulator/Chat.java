package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.hexId;
import static io.naap.deploy.simulator.Http.json;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** One answer of a language model that counts: "token 1 token 2 ...". */
final class Chat {
  private final Vertx vertx;
  private final String id = hexId();
  private final String model;
  private final int promptTokens;
  private final int tokens;
  private final Fault fault;

  private Chat(Vertx vertx, String model, int promptTokens, int tokens, Fault fault) {
    this.vertx = vertx;
    this.model = model;
    this.promptTokens = promptTokens;
    this.tokens = tokens;
    this.fault = fault;
  }

  /** Answers a request, whole or as events. */
  static void serve(Vertx vertx, HttpServerRequest request, JsonObject job, Fault fault) {
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
    Chat chat = new Chat(vertx, job.getString("model"), promptTokens, tokens, fault);
    if (job.getBoolean("stream")) {
      HttpServerResponse response = request.response();
      response.setChunked(true).putHeader("content-type", "text/event-stream");
      chat.next(response, 1);
    } else {
      json(request, chat.whole());
    }
  }

  private JsonObject whole() {
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
