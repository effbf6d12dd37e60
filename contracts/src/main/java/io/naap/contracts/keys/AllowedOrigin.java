package io.naap.contracts.keys;

import io.naap.contracts.problem.InvalidInput;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A web origin that may use a key: {@code https://app.example.com}, {@code http://localhost:3000},
 * or {@code https://*.example.com} for every host below a domain but not the domain itself. Scheme,
 * host and port are compared in lower case and with default ports removed, as browsers send them.
 */
public final class AllowedOrigin {
  private static final int MAX_LENGTH = 300;
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  private static final Pattern ORIGIN =
      Pattern.compile(
          "(https?)://(\\*\\.)?("
              + LABEL
              + "(?:\\."
              + LABEL
              + ")*|\\[[0-9a-f:.]{2,45}])(?::(\\d{1,5}))?");

  private final String scheme;
  private final boolean below;
  private final String host;
  private final int port;

  private AllowedOrigin(String scheme, boolean below, String host, int port) {
    this.scheme = scheme;
    this.below = below;
    this.host = host;
    this.port = port;
  }

  /**
   * Reads an entry of an allow list.
   *
   * @throws InvalidInput when it is not an origin; the message shows valid ones
   */
  public static AllowedOrigin of(String text) {
    AllowedOrigin origin = read(text);
    // A wildcard below a top-level domain would allow everybody.
    if (origin == null
        || (origin.below && (!origin.scheme.equals("https") || !origin.host.contains(".")))) {
      throw new InvalidInput(
          "allowed_origins entries look like https://app.example.com, http://localhost:3000"
              + " or https://*.example.com");
    }
    return origin;
  }

  /**
   * True when a request's {@code Origin} header matches; false for an absent header and for "null".
   */
  public boolean matches(String header) {
    AllowedOrigin given = header == null ? null : read(header);
    return given != null
        && !given.below
        && given.scheme.equals(scheme)
        && given.port == port
        && (below ? given.host.endsWith("." + host) : given.host.equals(host));
  }

  private static AllowedOrigin read(String text) {
    if (text.length() > MAX_LENGTH) {
      return null;
    }
    Matcher matcher = ORIGIN.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return null;
    }
    String scheme = matcher.group(1);
    int usual = scheme.equals("https") ? 443 : 80;
    int port = matcher.group(4) == null ? usual : Integer.parseInt(matcher.group(4));
    return port < 1 || port > 65_535
        ? null
        : new AllowedOrigin(scheme, matcher.group(2) != null, matcher.group(3), port);
  }
}
