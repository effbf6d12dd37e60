package io.naap.metering.webhook;

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
    try {
      InetAddress[] addresses = resolver.resolve(uri.getHost());
      for (InetAddress address : addresses) {
        // All of them: one that is inside among others is no accident.
        if (!allowPrivate && isInside(address)) {
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

  /** Loopback, private, link-local, shared, multicast and reserved ranges, of both families. */
  static boolean isInside(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return true;
    }
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return isInside(bytes, 0);
    }
    int first = bytes[0] & 0xff;
    boolean unique = (first & 0xfe) == 0xfc;
    boolean mapped = isZero(bytes, 10) && (bytes[10] & 0xff) == 0xff && (bytes[11] & 0xff) == 0xff;
    boolean compatible = isZero(bytes, 12);
    boolean translated = first == 0x00 && (bytes[1] & 0xff) == 0x64 && (bytes[2] & 0xff) == 0xff;
    boolean sixToFour = first == 0x20 && (bytes[1] & 0xff) == 0x02;
    boolean teredo = first == 0x20 && (bytes[1] & 0xff) == 0x01 && bytes[2] == 0 && bytes[3] == 0;
    boolean documentation =
        first == 0x20
            && (bytes[1] & 0xff) == 0x01
            && (bytes[2] & 0xff) == 0x0d
            && (bytes[3] & 0xff) == 0xb8;
    return unique
        || compatible
        || translated
        || teredo
        || documentation
        || (mapped && isInside(bytes, 12))
        || (sixToFour && isInside(bytes, 2));
  }

  private static boolean isZero(byte[] bytes, int count) {
    for (int at = 0; at < count; at++) {
      if (bytes[at] != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isInside(byte[] bytes, int at) {
    int a = bytes[at] & 0xff;
    int b = bytes[at + 1] & 0xff;
    return a == 0
        || a == 10
        || a == 127
        || (a == 100 && b >= 64 && b < 128)
        || (a == 169 && b == 254)
        || (a == 172 && b >= 16 && b < 32)
        || (a == 192 && b == 168)
        || (a == 192 && b == 0)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51)
        || (a == 203 && b == 0)
        || a >= 224;
  }
}
