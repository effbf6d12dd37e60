package io.naap.router.live;

import io.naap.contracts.edge.PublicAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;

/**
 * Checks where a stream's output may be sent. A gateway opens the address with ffmpeg, from inside
 * the operator's network. So only RTMP is allowed, to a host all of whose addresses are public, and
 * nothing that ffmpeg would read as a file or as another protocol.
 *
 * <p>Without TLS the gateway gets the address that was checked, so that the host's name cannot mean
 * another address a moment later. With TLS it gets the name, because the other side's certificate
 * has the name.
 */
final class OutputTargets {
  private static final int MOST = 1_000;
  private static final int USUAL_PORT = 1935;

  /** Characters that neither ffmpeg nor librtmp reads as options, lists or escapes. */
  private static final String PLAIN = "[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+;=%-]+";

  private final boolean allowPrivate;
  private final Resolver resolver;

  /** Looks a name up; may block. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  OutputTargets(boolean allowPrivate, Resolver resolver) {
    this.allowPrivate = allowPrivate;
    this.resolver = resolver;
  }

  /** The result of a check. */
  sealed interface Checked {
    /** A gateway may open this address. */
    record Allowed(String url) implements Checked {}

    /** No gateway may open the address. */
    record Refused(String reason) implements Checked {}
  }

  Checked check(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException unreadable) {
      return refused("rtmp_output must be a URL, rtmp://host/app/key.");
    }
    boolean secure = "rtmps".equals(uri.getScheme());
    if (!(secure || "rtmp".equals(uri.getScheme()))
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null
        || uri.getRawPath() == null
        || uri.getRawPath().length() < 2
        || uri.getPort() == 0
        || uri.getPort() > 65_535
        || text.length() > MOST
        || !text.matches(PLAIN)) {
      return refused(
          "rtmp_output must be rtmp://host/app/key or rtmps://host/app/key, without a user, a"
              + " fragment or blanks.");
    }
    try {
      InetAddress[] addresses = resolver.resolve(uri.getHost());
      if (addresses.length == 0) {
        return refused("rtmp_output: its host has no address.");
      }
      if (uri.getHost().matches("[0-9.]+")
          && !uri.getHost().equals(addresses[0].getHostAddress())) {
        return refused("rtmp_output: write its host's address as four decimal numbers.");
      }
      for (InetAddress address : addresses) {
        // All addresses are checked: one private address among public ones is an attack.
        if (!allowPrivate && !PublicAddress.isPublic(address)) {
          return refused("rtmp_output: its host is not on the public internet.");
        }
      }
      return new Checked.Allowed(secure ? text : at(addresses[0], uri));
    } catch (UnknownHostException unknown) {
      return refused("rtmp_output: its host has no address.");
    }
  }

  private static String at(InetAddress address, URI uri) {
    String host = address.getHostAddress();
    return "rtmp://"
        + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
        + ":"
        + (uri.getPort() < 0 ? USUAL_PORT : uri.getPort())
        + uri.getRawPath()
        + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
  }

  private static Checked refused(String reason) {
    return new Checked.Refused(reason);
  }
}
