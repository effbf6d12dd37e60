package io.naap.metering.webhook;

import io.naap.contracts.edge.PublicAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Checks the URL of a webhook: its host must resolve to addresses of the public internet only. The
 * sender connects to the address that was checked, so that a DNS answer that changes afterwards has
 * no effect.
 */
final class Targets {
  private final boolean allowPrivate;
  private final Resolver resolver;

  /** Resolves host names. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  Targets(boolean allowPrivate, Resolver resolver) {
    this.allowPrivate = allowPrivate;
    this.resolver = resolver;
  }

  /** The result of checking a URL. */
  sealed interface Checked {
    /** The sender may connect, to this address and port only. */
    record Allowed(URI uri, InetAddress address, int port) implements Checked {}

    /** The sender must not connect, for this reason. */
    record Refused(String reason) implements Checked {}
  }

  /**
   * Allows 80, 443 and ports from 1024 on. Other ports below 1024 belong to other protocols, whose
   * servers could take a request for a command.
   */
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
        // Every address must be public: one private address among public ones is taken for an
        // attack.
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
