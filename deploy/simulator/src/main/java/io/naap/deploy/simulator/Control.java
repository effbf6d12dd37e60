package io.naap.deploy.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.util.Base64;
import java.util.function.LongConsumer;

/**
 * The port that a real gateway does not have: {@code POST /} is the chain's JSON-RPC; {@code GET
 * /state} tells what was paid; {@code POST /fault} with {@code {"fault":"delay=500"}} makes every
 * gateway request go wrong; {@code POST /refuse?ms=1000} closes the gateway's port for a while;
 * {@code POST /capacity?model=m&places=n} lets so many jobs of a model (of a container: its name)
 * run at once; {@code POST /stop?stream=id} drops a stream's ingest; {@code POST /fund} sets
 * deposit and reserve.
 */
final class Control {
  private final ChainState chain;
  private final ChainRpc rpc;
  private final Orchestrator orchestrator;
  private final Gateway gateway;
  private final LiveStreams streams;
  private final LongConsumer refuseFor;

  Control(
      ChainState chain,
      Orchestrator orchestrator,
      Gateway gateway,
      LiveStreams streams,
      LongConsumer refuseFor) {
    this.chain = chain;
    this.rpc = new ChainRpc(chain);
    this.orchestrator = orchestrator;
    this.gateway = gateway;
    this.streams = streams;
    this.refuseFor = refuseFor;
  }

  void handle(HttpServerRequest request) {
    request.body().onSuccess(body -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    try {
      if (HttpMethod.POST.equals(request.method()) && request.path().equals("/")) {
        rpc(request, body);
        return;
      }
      switch (request.method() + " " + request.path()) {
        case "GET /state" -> json(request, state());
        // A real gateway answers this at its -cliAddr.
        case "GET /getNetworkCapabilities" ->
            json(request, NetworkCapabilities.of(orchestrator.url()));
        // The two that an orchestrator has for programs that pay it themselves.
        case "POST /refresh-payment" -> json(request, challenge(body.toJsonObject()));
        case "POST /payment" -> pay(request);
        case "POST /fault" -> {
          gateway.faultForAll(Fault.parse(body.toJsonObject().getString("fault")));
          json(request, new JsonObject());
        }
        case "POST /refuse" -> {
          refuseFor.accept(Math.min(60_000, Long.parseLong(request.getParam("ms"))));
          json(request, new JsonObject());
        }
        case "POST /capacity" -> {
          gateway
              .capacity()
              .set(request.getParam("model"), Integer.parseInt(request.getParam("places")));
          json(request, new JsonObject());
        }
        case "POST /stop" ->
            json(
                request,
                new JsonObject()
                    .put("stopped", streams.stop(request.getParam("stream"), "ingest dropped")));
        case "POST /fund" -> {
          JsonObject fund = body.toJsonObject();
          chain.fund(
              new BigInteger(fund.getString("deposit")), new BigInteger(fund.getString("reserve")));
          json(request, new JsonObject());
        }
        default -> request.response().setStatusCode(404).end();
      }
    } catch (IllegalArgumentException | DecodeException | NullPointerException bad) {
      request.response().setStatusCode(400).end(String.valueOf(bad.getMessage()));
    }
  }

  private void rpc(HttpServerRequest request, Buffer body) {
    if (body.length() > 0 && body.getByte(0) == '[') {
      JsonArray answers = new JsonArray();
      body.toJsonArray().forEach(one -> answers.add(rpc.answer((JsonObject) one)));
      request.response().putHeader("content-type", "application/json").end(answers.toBuffer());
    } else {
      json(request, rpc.answer(body.toJsonObject()));
    }
  }

  private JsonObject challenge(JsonObject asked) {
    String manifestId = asked.getString("manifest_id");
    byte[] info = orchestrator.challenge(asked.getString("sender"), manifestId);
    return new JsonObject()
        .put("payment_params", Base64.getEncoder().encodeToString(info))
        .put("orchestrator", orchestrator.url())
        .put("manifest_id", manifestId)
        .put("payment_url", orchestrator.url() + "/payment");
  }

  private void pay(HttpServerRequest request) {
    try {
      byte[] result =
          orchestrator.pay(
              request.getHeader("Livepeer-Payment"), request.getHeader("Livepeer-Segment"));
      request.response().end(Buffer.buffer(result));
    } catch (Orchestrator.Refused refused) {
      request.response().setStatusCode(refused.status()).end(refused.getMessage());
    }
  }

  private JsonObject state() {
    JsonObject refused = new JsonObject();
    orchestrator.refused().forEach(refused::put);
    return new JsonObject()
        .put("requests", gateway.requests())
        .put("controller", ChainRpc.CONTROLLER)
        .put(
            "tickets",
            new JsonObject()
                .put("accepted", orchestrator.accepted())
                .put("winning", orchestrator.winning())
                .put("refused", refused))
        .put("streams", new JsonArray(java.util.List.copyOf(streams.running().keySet())))
        .put("log", new JsonArray(java.util.List.copyOf(streams.log())));
  }

  private static void json(HttpServerRequest request, JsonObject body) {
    request.response().putHeader("content-type", "application/json").end(body.toBuffer());
  }
}
