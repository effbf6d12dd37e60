package io.naap.contracts.edge;

import io.naap.contracts.json.Utf8;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;

/**
 * Refuses request heads that a program behind this service could read differently: paths and
 * headers that are not UTF-8, and bodies in an encoding that no service decodes.
 */
final class RequestHead {
  private RequestHead() {}

  /** Why a request's head is refused. */
  record Wrong(int status, String code, String detail) {}

  static Optional<Wrong> wrong(HttpServerRequest request) {
    if (!Utf8.isWellFormedEncoded(request.uri())) {
      return Optional.of(
          new Wrong(
              400,
              "malformed_path",
              "The address is not UTF-8, percent-encoded: check its % signs and what they encode."));
    }
    for (Map.Entry<String, String> header : request.headers()) {
      if (!Utf8.isWellFormedLatin1(header.getValue())) {
        return Optional.of(
            new Wrong(400, "malformed_header", "The header " + header.getKey() + " is not UTF-8."));
      }
    }
    String encoding = request.getHeader("Content-Encoding");
    if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
      return Optional.of(
          new Wrong(
              415,
              "unsupported_content_encoding",
              "Send the body as it is, without the header Content-Encoding: " + encoding + "."));
    }
    String transfer = request.getHeader("Transfer-Encoding");
    if (transfer != null && !transfer.strip().equalsIgnoreCase("chunked")) {
      return Optional.of(
          new Wrong(
              501,
              "unsupported_transfer_encoding",
              "The only Transfer-Encoding that is understood is chunked."));
    }
    return Optional.empty();
  }
}
