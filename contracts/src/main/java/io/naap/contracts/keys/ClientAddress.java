package io.naap.contracts.keys;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/** Where a request really comes from. */
public final class ClientAddress {
  private final List<Network> trusted;

  public ClientAddress(List<String> trustedProxies) {
    this.trusted = trustedProxies.stream().map(Network::of).toList();
  }

  /** The client's address; {@code X-Real-IP} counts where a proxy sends no list of hops. */
  public String of(HttpServerRequest request) {
    String hops = String.join(",", request.headers().getAll("X-Forwarded-For"));
    String single = request.getHeader("X-Real-IP");
    return of(
        request.remoteAddress().hostAddress(), hops.isBlank() && single != null ? single : hops);
  }

  /** The last address that was not added by one of our own proxies. */
  public String of(String peer, String forwardedFor) {
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
