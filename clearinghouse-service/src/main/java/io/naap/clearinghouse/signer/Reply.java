package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** An answer of the signer. */
record Reply(int status, JsonNode body, Map<String, String> headers) {
  static Reply ok(JsonNode body) {
    return new Reply(200, body, Map.of());
  }

  /** The error body of go-livepeer, which does not show the reasons of 500 and 503. */
  static Reply refused(int status, String message) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("error")
        .put(
            "message",
            switch (status) {
              case 500 -> "Internal Server Error";
              case 503 -> "Service Unavailable Error";
              default -> message;
            });
    return new Reply(status, json, Map.of());
  }

  Reply with(String header, String value) {
    return new Reply(status, body, Map.of(header, value));
  }
}
