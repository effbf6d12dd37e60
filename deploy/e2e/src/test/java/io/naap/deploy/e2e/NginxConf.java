package io.naap.deploy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** Writes nginx's reading of the path table, for the origin of the compose file. */
final class NginxConf {
  private static final Map<String, Integer> PORTS =
      Map.of("auth", 8081, "keys", 8082, "metering", 8083, "router", 8084, "clearinghouse", 8085);

  private NginxConf() {}

  static String of(JsonNode table) {
    StringBuilder locations = new StringBuilder();
    for (JsonNode entry : table.path("paths")) {
      String path = entry.path("path").asText();
      String service = entry.path("service").asText();
      String target = " { proxy_pass http://" + service + ":" + PORTS.get(service) + "; }\n";
      locations.append("    location = ").append(path).append(target);
      if (!entry.path("exact").asBoolean()) {
        locations.append("    location ").append(path).append('/').append(target);
      }
    }
    return """
    # Rendered from k8s/naap/paths.yaml; a test fails when the two differ.
    worker_processes auto;
    events { worker_connections 4096; }
    http {
      server {
        listen 8080;
        client_max_body_size 300m;
        client_header_buffer_size 16k;
        large_client_header_buffers 4 16k;
        merge_slashes off;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Connection "";
        # This is the outermost proxy: what a client says of itself is not passed on.
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 600s;
        proxy_next_upstream off;

    %s
        location / { return 404; }
      }
    }
    """
        .formatted(locations.toString().stripTrailing());
  }
}
