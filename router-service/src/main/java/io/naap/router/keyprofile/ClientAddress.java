package io.naap.router.keyprofile;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/** Where a request really comes from. */
public final class ClientAddress {
  private final List<Network> trusted;

  public ClientAddress(List<String> trustedProxies) {
    this.trusted = trustedProxies.stream().map(Network::of).toList();
  }

  public String of(HttpServerRequest request) {
    return of(
        request.remoteAddress().hostAddress(),
        String.join(",", request.headers().getAll("X-Forwarded-For")));
  }

  /** The last address that was not added by one of our own proxies. */
  String of(String peer, String forwardedFor) {
    String address = peer;
    String[] hops = forwardedFor.split(",", -1);
    for (int at = hops.length - 1; at >= 0 && isTrusted(address); at--) {
      String hop = hops[at].strip();
      if (hop.isEmpty()) {
        break;
      }
      address = hop;
    }
    return address;
  }

  private boolean isTrusted(String address) {
    return trusted.stream().anyMatch(network -> network.contains(address));
  }
}
