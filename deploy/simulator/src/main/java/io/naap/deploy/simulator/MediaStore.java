package io.naap.deploy.simulator;

import static io.naap.deploy.simulator.Http.hexId;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/** The media files that a gateway keeps in its memory: the last 200. */
final class MediaStore {
  private static final int MOST = 200;

  private final Map<String, Stored> media =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Stored> eldest) {
          return size() > MOST;
        }
      };

  private record Stored(String type, Buffer bytes) {}

  /** Keeps a file, and gives its address. */
  String add(String requestId, String extension, String type, byte[] bytes) {
    String url = "/stream/" + requestId + "/" + hexId() + "." + extension;
    media.put(url, new Stored(type, Buffer.buffer(bytes)));
    return url;
  }

  void serve(HttpServerRequest request) {
    Stored stored = media.get(request.path());
    if (stored == null) {
      request.response().setStatusCode(404).end("404 page not found\n");
    } else {
      request.response().putHeader("content-type", stored.type()).end(stored.bytes());
    }
  }
}
