package io.naap.router.live;

import io.naap.contracts.edge.PublicAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;

/**
 * Where a stream's output may be sent. A gateway opens the address with ffmpeg, from inside the
 * operator's network, so it is judged as a webhook's target is: RTMP to a host all of whose
 * addresses are public, and nothing that ffmpeg would read as a file or as another protocol.
 *
 * <p>Without TLS the address that was checked is the one that is told to the gateway, so that a
 * name cannot mean another one a moment later. With TLS the name has to stay, for the other side's
 * certificate.
 */
final class OutputTargets {
  private static final int MOST = 1_000;
  private static final int USUAL_PORT = 1935;

  /** What ffmpeg and librtmp read as options, lists or escapes is not among these. */
  private static final String PLAIN = "[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+;=%-]+";

  private final boolean allowPrivate;
  private final Resolver resolver;

  /** Asks the name service; may block. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  OutputTargets(boolean allowPrivate, Resolver resolver) {
    this.allowPrivate = allowPrivate;
    this.resolver = resolver;
  }

  /** What an output came to. */
  sealed interface Checked {
    /** It may be told to a gateway, in this spelling. */
    record Allowed(String url) implements Checked {}

    /** It must not. */
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
        // All of them: one that is inside among others is no accident.
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
