package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.error;
import static io.naap.deploy.simulator.Http.hexId;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Answers segments of pushed streams with their renditions, which are the segment itself. */
final class Transcoder {
  private Transcoder() {}

  static void serve(HttpServerRequest request, Buffer segment) {
    if (!HttpMethod.POST.equals(request.method()) && !HttpMethod.PUT.equals(request.method())) {
      error(request, 405, "method not allowed");
      return;
    }
    if (segment.length() == 0) {
      error(request, 422, "unprocessable segment");
      return;
    }
    String accept = request.getHeader("accept");
    if (accept == null || !accept.contains("multipart/mixed")) {
      request.response().end();
      return;
    }
    String boundary = hexId();
    Buffer answer = Buffer.buffer();
    for (String name : renditions(request.getHeader("livepeer-transcode-configuration"))) {
      String file = name + "_" + request.path().replaceAll(".*/", "");
      answer
          .appendString("--" + boundary + "\r\n")
          .appendString("Content-Type: video/MP2T; name=\"" + file + "\"\r\n")
          .appendString("Content-Length: " + segment.length() + "\r\n")
          .appendString("Content-Disposition: attachment; filename=\"" + file + "\"\r\n")
          .appendString("Rendition-Name: " + name + "\r\n\r\n")
          .appendBuffer(segment)
          .appendString("\r\n");
    }
    answer.appendString("--" + boundary + "--\r\n");
    request
        .response()
        .putHeader("content-type", "multipart/mixed; boundary=" + boundary)
        .end(answer);
  }

  /** Names of what a segment is made into: presets, then profiles, else the gateway's own. */
  private static List<String> renditions(String configuration) {
    JsonObject asked = configuration == null ? new JsonObject() : new JsonObject(configuration);
    List<String> names = new ArrayList<>();
    asked.getJsonArray("presets", new JsonArray()).forEach(name -> names.add((String) name));
    asked
        .getJsonArray("profiles", new JsonArray())
        .forEach(profile -> names.add(((JsonObject) profile).getString("name")));
    return names.isEmpty() ? List.of("P240p30fps16x9", "P360p30fps16x9") : names;
  }
}
