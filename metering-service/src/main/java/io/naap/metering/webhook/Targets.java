package io.naap.metering.webhook;

import io.naap.contracts.edge.PublicAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Where a webhook may go: only to an address of the public internet. The address that was checked
 * is the one that is connected to, so that a name cannot mean another one a moment later.
 */
final class Targets {
  private final boolean allowPrivate;
  private final Resolver resolver;

  /** Asks the name service. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  Targets(boolean allowPrivate, Resolver resolver) {
    this.allowPrivate = allowPrivate;
    this.resolver = resolver;
  }

  /** What a target came to. */
  sealed interface Checked {
    /** It may be connected to, at this address and no other. */
    record Allowed(URI uri, InetAddress address, int port) implements Checked {}

    /** It must not. */
    record Refused(String reason) implements Checked {}
  }

  /** Below 1024 are other protocols, to which a request could be a command. */
  private static boolean isGoodPort(int port) {
    return port == -1 || port == 80 || port == 443 || (port >= 1_024 && port <= 65_535);
  }

  Checked check(String text) {
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException unreadable) {
      return new Checked.Refused("not a URL");
    }
    boolean secure = "https".equals(uri.getScheme());
    if (!(secure || (allowPrivate && "http".equals(uri.getScheme())))
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getFragment() != null
        || text.length() > 2_000) {
      return new Checked.Refused("a webhook's URL is https://host/path, without user or fragment");
    }
    if (!isGoodPort(uri.getPort())) {
      return new Checked.Refused("the port is 80, 443, or from 1024 to 65535");
    }
    try {
      InetAddress[] addresses = resolver.resolve(uri.getHost());
      for (InetAddress address : addresses) {
        // All of them: one that is inside among others is no accident.
        if (!allowPrivate && !PublicAddress.isPublic(address)) {
          return new Checked.Refused("the host is not on the public internet");
        }
      }
      int usual = secure ? 443 : 80;
      return addresses.length == 0
          ? new Checked.Refused("the host has no address")
          : new Checked.Allowed(uri, addresses[0], uri.getPort() < 0 ? usual : uri.getPort());
    } catch (UnknownHostException unknown) {
      return new Checked.Refused("the host has no address");
    }
  }
}
