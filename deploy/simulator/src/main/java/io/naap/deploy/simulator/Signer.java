package io.naap.deploy.simulator;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.Map;

/** A gateway's side of the remote signer: what {@code -remoteSignerUrl} makes a gateway call. */
final class Signer {
  private static final long TIMEOUT_MS = 10_000;
  private static final int MAX_REFRESHES = 3;

  /** Protobuf {@code Capabilities} of {@code live-video-to-video} with one model. */
  private static byte[] capabilities(String model) {
    byte[] modelConstraint = new Wire.Writer().text(1, model).message(2, new byte[0]).done();
    byte[] perCapability =
        new Wire.Writer()
            .number(1, 35)
            .message(2, new Wire.Writer().message(1, modelConstraint).done())
            .done();
    return new Wire.Writer()
        .message(1, new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 1})
        .message(3, new Wire.Writer().number(1, 35).number(2, 1).done())
        .text(4, "0.9.1")
        .message(5, new Wire.Writer().message(2, perCapability).done())
        .done();
  }

  private final HttpClient client;
  private final String url;
  private final Map<String, String> headers;
  private final Orchestrator orchestrator;
  private JsonObject identity;

  Signer(HttpClient client, String url, Map<String, String> headers, Orchestrator orchestrator) {
    this.client = client;
    this.url = url;
    this.headers = headers;
    this.orchestrator = orchestrator;
  }

  /** One stream's payments; the state goes back and forth untouched, as go-livepeer keeps it. */
  final class Session {
    private final String model;
    private final String manifestId;
    private byte[] info;
    private JsonObject state = new JsonObject().putNull("State").putNull("Sig");
    private int payments;

    private Session(String model, String manifestId) {
      this.model = model;
      this.manifestId = manifestId;
    }

    int payments() {
      return payments;
    }

    /** Pays once: asks for tickets, hands them to the orchestrator, keeps what came back. */
    Future<Void> pay() {
      return pay(0);
    }

    private Future<Void> pay(int refreshes) {
      return identity()
          .compose(
              self -> {
                if (info == null || refreshes > 0) {
                  info =
                      orchestrator.info(
                          self.getString("address"), Eth.bytes(self.getString("signature")));
                }
                JsonObject request =
                    new JsonObject()
                        .put("state", state)
                        .put("orchestrator", Base64.getEncoder().encodeToString(info))
                        .put("ManifestID", payments == 0 ? "" : manifestId)
                        .put("inPixels", 0)
                        .put("type", "lv2v")
                        .put(
                            "capabilities",
                            Base64.getEncoder().encodeToString(capabilities(model)));
                return post("/generate-live-payment", request.toBuffer());
              })
          .compose(answer -> accept(answer, refreshes));
    }

    private Future<Void> accept(Answer answer, int refreshes) {
      switch (answer.status()) {
        case 200 -> {
          JsonObject body = answer.body().toJsonObject();
          byte[] result = orchestrator.pay(body.getString("payment"), body.getString("segCreds"));
          info = Wire.read(result).bytes(16);
          state = body.getJsonObject("state");
          payments++;
          return Future.succeededFuture();
        }
        case 480 -> {
          return refreshes < MAX_REFRESHES
              ? pay(refreshes + 1)
              : Future.failedFuture("too many consecutive session refreshes");
        }
        case 482 -> {
          return Future.succeededFuture();
        }
        default -> {
          return Future.failedFuture("signer answered " + answer.status() + ": " + answer.body());
        }
      }
    }
  }

  Session session(String model, String manifestId) {
    return new Session(model, manifestId);
  }

  private Future<JsonObject> identity() {
    if (identity != null) {
      return Future.succeededFuture(identity);
    }
    return post("/sign-orchestrator-info", Buffer.buffer())
        .compose(
            answer -> {
              if (answer.status() != 200) {
                return Future.failedFuture(
                    "signer answered " + answer.status() + ": " + answer.body());
              }
              identity = answer.body().toJsonObject();
              return Future.succeededFuture(identity);
            });
  }

  private Future<Answer> post(String path, Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(url + path)
            .setTimeout(TIMEOUT_MS)
            .putHeader("content-type", "application/json");
    headers.forEach(options::putHeader);
    return client.request(options).compose(request -> request.send(body)).compose(Signer::read);
  }

  private static Future<Answer> read(HttpClientResponse response) {
    return response.body().map(body -> new Answer(response.statusCode(), body));
  }

  private record Answer(int status, Buffer body) {}
}
