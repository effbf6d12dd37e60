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
 * Finds the client's address of a request: the last hop that is not one of our own proxies. Each
 * proxy appends the address that called it, so entries further left were written by the client and
 * are not trusted.
 *
 * <p>Reads {@code X-Forwarded-For}; if that is absent, {@code Forwarded} (RFC 7239); if both are
 * absent, {@code X-Real-IP}. Configure {@link Source#FORWARDED} behind a proxy that writes {@code
 * Forwarded} but passes a client's {@code X-Forwarded-For} on unchanged; then only {@code
 * Forwarded} is read.
 */
public final class ClientAddress {
  private static final int MOST_HOPS = 32;
  private static final int MOST_CHARACTERS = 4_096;

  private final List<Network> trusted;
  private final Source source;

  /** The header that our proxies write. */
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

  /** The client's address in canonical form; empty when the connection has no address. */
  public String of(HttpServerRequest request) {
    if (request.remoteAddress() == null || request.remoteAddress().hostAddress() == null) {
      return "";
    }
    String peer = request.remoteAddress().hostAddress();
    return isTrusted(peer) ? last(peer, hops(request.headers())) : usual(peer).orElse(peer);
  }

  /** The client's address for a peer and an {@code X-Forwarded-For} header. */
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

  /**
   * Walks the hops from right to left and returns the first address that is not one of our proxies.
   */
  private String last(String peer, List<String> hops) {
    String address = usual(peer).orElse(peer);
    for (int at = hops.size() - 1, seen = 0; at >= 0 && seen < MOST_HOPS; at--, seen++) {
      if (!isTrusted(address)) {
        return address;
      }
      Optional<String> hop = usual(hops.get(at));
      if (hop.isEmpty()) {
        // Our proxy could not tell which address called it.
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

  /**
   * The {@code for} parameter of each element of a {@code Forwarded} header; "unknown" where it is
   * missing or unreadable.
   */
  private static List<String> forwarded(String header) {
    if (header.isBlank() || header.length() > MOST_CHARACTERS) {
      return List.of();
    }
    if (isOpenQuote(header)) {
      // An unclosed quote of the client swallows what our proxy appended, so the header is ignored.
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

  /** Splits at a separator, except inside quotes. */
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

  /** An address in canonical form, without port, brackets and zone; empty for any other text. */
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
      // Turns an IPv4-mapped IPv6 address into the IPv4 address.
      return Optional.of(NetUtil.toAddressString(InetAddress.getByAddress(bytes)));
    } catch (UnknownHostException impossible) {
      return Optional.empty();
    }
  }
}
