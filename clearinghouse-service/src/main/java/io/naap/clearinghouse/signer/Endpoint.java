package io.naap.clearinghouse.signer;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The endpoints of go-livepeer's remote signer. */
enum Endpoint {
  SIGN_INFO("/sign-orchestrator-info", "POST"),
  PAY("/generate-live-payment", "POST"),
  DISCOVER("/discover-orchestrators", "GET");

  private static final Map<String, Endpoint> BY_PATH =
      Arrays.stream(values()).collect(Collectors.toMap(one -> one.path, one -> one));

  final String path;
  final String method;

  Endpoint(String path, String method) {
    this.path = path;
    this.method = method;
  }

  static Optional<Endpoint> of(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }
}
