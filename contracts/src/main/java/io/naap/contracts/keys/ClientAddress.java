package io.naap.contracts.keys;

import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a request really comes from: the last hop that none of our own proxies is. Every proxy
 * appends whom it was called by, so what stands further left was written by the client.
 *
 * <p>Read are {@code X-Forwarded-For}, where that is absent {@code Forwarded} (RFC 7239), and where
 * both are absent {@code X-Real-IP}. Behind a proxy that writes {@code Forwarded} and passes on a
 * client's {@code X-Forwarded-For}, only {@code Forwarded} may be read: {@link Source#FORWARDED}.
 */
public final class ClientAddress {
  private static final int MOST_HOPS = 32;
  private static final int MOST_CHARACTERS = 4_096;

  private final List<Network> trusted;
  private final Source source;

  /** Which header our proxies write. */
  public enum Source {
    X_FORWARDED_FOR,
    FORWARDED
  }

  public ClientAddress(List<String> trustedProxies) {
    this(trustedProxies, Source.X_FORWARDED_FOR);
  }

  public ClientAddress(List<String> trustedProxies, Source source) {
    this.trusted = trustedProxies.stream().map(Network::of).toList();
    this.source = source;
  }

  /** The client's address in its usual spelling; empty when the connection has none. */
  public String of(HttpServerRequest request) {
    if (request.remoteAddress() == null || request.remoteAddress().hostAddress() == null) {
      return "";
    }
    String peer = request.remoteAddress().hostAddress();
    return isTrusted(peer) ? last(peer, hops(request.headers())) : usual(peer).orElse(peer);
  }

  /** The same, of a peer and an {@code X-Forwarded-For} header. */
  public String of(String peer, String forwardedFor) {
    return last(peer, listed(forwardedFor));
  }

  private List<String> hops(MultiMap headers) {
    List<String> forwarded = headers.getAll("Forwarded");
    if (source == Source.FORWARDED) {
      return forwarded(String.join(",", forwarded));
    }
    List<String> listed = headers.getAll("X-Forwarded-For");
    if (!listed.isEmpty()) {
      return listed(String.join(",", listed));
    }
    if (!forwarded.isEmpty()) {
      return forwarded(String.join(",", forwarded));
    }
    String single = headers.get("X-Real-IP");
    return single == null ? List.of() : List.of(single);
  }

  /** From the right: through our own proxies, to whoever called the first of them. */
  private String last(String peer, List<String> hops) {
    String address = usual(peer).orElse(peer);
    for (int at = hops.size() - 1, seen = 0; at >= 0 && seen < MOST_HOPS; at--, seen++) {
      if (!isTrusted(address)) {
        return address;
      }
      Optional<String> hop = usual(hops.get(at));
      if (hop.isEmpty()) {
        // Our proxy does not know whom it was called by.
        return address;
      }
      address = hop.get();
    }
    return address;
  }

  private boolean isTrusted(String address) {
    return trusted.stream().anyMatch(network -> network.contains(address));
  }

  private static List<String> listed(String header) {
    return header.isBlank() || header.length() > MOST_CHARACTERS
        ? List.of()
        : List.of(header.split(",", -1));
  }

  /** The {@code for} of each element; one without it, or that cannot be read, counts as unknown. */
  private static List<String> forwarded(String header) {
    if (header.isBlank() || header.length() > MOST_CHARACTERS) {
      return List.of();
    }
    if (isOpenQuote(header)) {
      // What our proxy appended stands within the client's quotes.
      return List.of();
    }
    List<String> hops = new ArrayList<>();
    for (String element : split(header, ',')) {
      String found = "unknown";
      for (String pair : split(element, ';')) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
          found = unquoted(pair.substring(equals + 1).strip());
        }
      }
      hops.add(found);
    }
    return hops;
  }

  private static boolean isOpenQuote(String text) {
    boolean quoted = false;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (quoted && c == '\\') {
        at++;
      } else {
        quoted ^= c == '"';
      }
    }
    return quoted;
  }

  /** Splits outside of quotes. */
  private static List<String> split(String text, char at) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      if (quoted && c == '\\' && index + 1 < text.length()) {
        part.append(c).append(text.charAt(++index));
        continue;
      }
      quoted ^= c == '"';
      if (c == at && !quoted) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1).replace("\\", "")
        : value;
  }

  /**
   * An address without port, brackets and zone, as it is usually written; empty for anything else.
   */
  private static Optional<String> usual(String hop) {
    String text = hop.strip();
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      if (end < 0 || !text.substring(end + 1).matches("(:[0-9]{1,5})?")) {
        return Optional.empty();
      }
      text = text.substring(1, end);
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      int colon = text.indexOf(':');
      if (!text.substring(colon + 1).matches("[0-9]{1,5}")) {
        return Optional.empty();
      }
      text = text.substring(0, colon);
    }
    int zone = text.indexOf('%');
    byte[] bytes =
        NetUtil.createByteArrayFromIpAddressString(zone < 0 ? text : text.substring(0, zone));
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      // An IPv4 address in IPv6 spelling becomes the IPv4 address here.
      return Optional.of(NetUtil.toAddressString(InetAddress.getByAddress(bytes)));
    } catch (UnknownHostException impossible) {
      return Optional.empty();
    }
  }
}
