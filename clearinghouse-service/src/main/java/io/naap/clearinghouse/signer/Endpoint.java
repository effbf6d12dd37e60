package io.naap.clearinghouse.signer;

import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The endpoints of go-livepeer's remote signer. */
enum Endpoint {
  SIGN_INFO("/sign-orchestrator-info", HttpMethod.POST),
  PAY("/generate-live-payment", HttpMethod.POST),
  DISCOVER("/discover-orchestrators", HttpMethod.GET);

  private static final Map<String, Endpoint> BY_PATH =
      Arrays.stream(values()).collect(Collectors.toMap(one -> one.path, one -> one));

  final String path;
  final HttpMethod method;

  Endpoint(String path, HttpMethod method) {
    this.path = path;
    this.method = method;
  }

  static Optional<Endpoint> of(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }
}
