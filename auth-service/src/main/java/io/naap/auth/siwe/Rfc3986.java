package io.naap.auth.siwe;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses URIs and authorities by the grammar of RFC 3986. {@link java.net.URI} implements RFC 2396:
 * it allows brackets in queries, zones in IPv6 addresses and authorities without a host.
 */
final class Rfc3986 {
  private static final String OCTET = "%[0-9A-Fa-f]{2}";
  private static final String PLAIN = "-A-Za-z0-9._~!$&'()*+,;=";
  private static final String PCHAR = "(?:[" + PLAIN + ":@]|" + OCTET + ")";

  private static final String DECIMAL = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String GROUP = "[0-9A-Fa-f]{1,4}";
  private static final String LAST_TWO =
      "(?:" + GROUP + ":" + GROUP + "|" + DECIMAL + "(?:\\." + DECIMAL + "){3})";
  private static final String IPV6 =
      "(?:(?:GROUP:){6}LAST"
          + "|::(?:GROUP:){5}LAST"
          + "|(?:GROUP)?::(?:GROUP:){4}LAST"
          + "|(?:(?:GROUP:){0,1}GROUP)?::(?:GROUP:){3}LAST"
          + "|(?:(?:GROUP:){0,2}GROUP)?::(?:GROUP:){2}LAST"
          + "|(?:(?:GROUP:){0,3}GROUP)?::GROUP:LAST"
          + "|(?:(?:GROUP:){0,4}GROUP)?::LAST"
          + "|(?:(?:GROUP:){0,5}GROUP)?::GROUP"
          + "|(?:(?:GROUP:){0,6}GROUP)?::)";
  private static final String LITERAL =
      "\\[(?:"
          + IPV6.replace("GROUP", GROUP).replace("LAST", LAST_TWO)
          + "|[vV][0-9A-Fa-f]+\\.["
          + PLAIN
          + ":]+)]";
  private static final String USER = "(?:(?:[" + PLAIN + ":]|" + OCTET + ")*+@)?";
  private static final String NAME = "(?:[" + PLAIN + "]|" + OCTET + ")";

  private static final String SCHEME = "[A-Za-z][A-Za-z0-9+.-]*";
  private static final String PATHS =
      "(?://(?<authority>"
          + USER
          + "(?:"
          + LITERAL
          + "|"
          + NAME
          + "*+)(?::[0-9]*)?)(?:/"
          + PCHAR
          + "*+)*+|/(?:"
          + PCHAR
          + "++(?:/"
          + PCHAR
          + "*+)*+)?|"
          + PCHAR
          + "++(?:/"
          + PCHAR
          + "*+)*+|)";
  private static final String REST = "(?:" + PCHAR + "|[/?])*+";

  private static final Pattern URI =
      Pattern.compile(
          "(?<scheme>" + SCHEME + "):" + PATHS + "(?:\\?" + REST + ")?(?:#" + REST + ")?");
  // Requires a host, and a port after a colon, although the RFC's grammar allows both to be empty.
  private static final Pattern AUTHORITY =
      Pattern.compile(USER + "(?:" + LITERAL + "|" + NAME + "++)(?::[0-9]{1,5})?");
  private static final Pattern PCHARS = Pattern.compile(PCHAR + "*+");

  private Rfc3986() {}

  /** Scheme and authority of a URI, unchanged; URIs such as {@code urn:} have no authority. */
  record Origin(String scheme, Optional<String> authority) {}

  /** Parses a URI; empty when the text is not one. A relative reference is not a URI. */
  static Optional<Origin> origin(String text) {
    Matcher uri = URI.matcher(text);
    return uri.matches()
        ? Optional.of(new Origin(uri.group("scheme"), Optional.ofNullable(uri.group("authority"))))
        : Optional.empty();
  }

  static boolean isAuthority(String text) {
    return AUTHORITY.matcher(text).matches();
  }

  /** True for {@code *pchar}, the characters of a path segment. */
  static boolean isSegment(String text) {
    return PCHARS.matcher(text).matches();
  }
}
