package io.naap.deploy.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Reads requests and writes answers as a go-livepeer gateway does. */
final class Http {
  /** The answer to an offer of video, or to watch it. */
  private static final String SDP =
      "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=simulated answer\r\nt=0 0\r\n";

  private Http() {}

  static Map<String, byte[]> form(HttpServerRequest request, Buffer body) {
    return Multipart.parts(request.getHeader("content-type"), body);
  }

  static byte[] require(Map<String, byte[]> form, String name) {
    byte[] part = form.get(name);
    if (part == null || part.length == 0) {
      throw new IllegalArgumentException("missing " + name);
    }
    return part;
  }

  static String requireText(JsonObject job, String name) {
    String text = job.getString(name, "");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("missing " + name);
    }
    return text;
  }

  static String hexId() {
    return "%08x".formatted(ThreadLocalRandom.current().nextInt());
  }

  static void json(HttpServerRequest request, JsonObject body) {
    request.response().putHeader("content-type", "application/json").end(body.toBuffer());
  }

  /** Answers 201 with an SDP answer, and the address of the resource that was made. */
  static void sdp(HttpServerRequest request, Map<String, String> headers) {
    headers.forEach(request.response()::putHeader);
    request.response().setStatusCode(201).putHeader("content-type", "application/sdp").end(SDP);
  }

  static void error(HttpServerRequest request, int status, String message) {
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
