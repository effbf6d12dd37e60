package io.naap.auth.siwe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.web3j.crypto.Hash;

/**
 * A second parser of EIP-4361 that shares no code with the first: the grammars of EIP-4361, RFC
 * 3986 and RFC 3339 rule by rule, one method per rule, over bytes. Accepts all that the grammars
 * accept, except dates that do not exist and addresses with a wrong checksum.
 */
final class AbnfReading {
  /** The fields as written; null for absent ones. */
  record Values(
      String scheme,
      String domain,
      String address,
      String statement,
      String uri,
      String chainId,
      String nonce,
      String issuedAt,
      String expirationTime,
      String notBefore,
      String requestId,
      List<String> resources) {}

  private final byte[] in;
  private int at;

  private AbnfReading(byte[] in) {
    this.in = in;
  }

  static Optional<Values> of(String text) {
    return Optional.ofNullable(
        new AbnfReading(text.getBytes(StandardCharsets.UTF_8)).signInWithEthereum());
  }

  private Values signInWithEthereum() {
    String scheme = null;
    if (scheme() && literal("://")) {
      scheme = from(0, at - 3);
    } else {
      at = 0;
    }
    int start = at;
    if (!authority()) {
      return null;
    }
    String domain = from(start, at);
    if (!literal(" wants you to sign in with your Ethereum account:\n")) {
      return null;
    }
    start = at;
    if (!address()) {
      return null;
    }
    String address = from(start, at);
    if (!literal("\n\n")) {
      return null;
    }
    // Tries [ statement LF ] LF "URI: " first with and then without a statement.
    String statement = null;
    start = at;
    while (at < in.length && (reserved(in[at]) || unreserved(in[at]) || in[at] == ' ')) {
      at++;
    }
    String words = from(start, at);
    if (literal("\n\nURI: ")) {
      statement = words;
    } else {
      at = start;
      if (!literal("\nURI: ")) {
        return null;
      }
    }
    start = at;
    if (!uri()) {
      return null;
    }
    String uri = from(start, at);
    if (!literal("\nVersion: 1\nChain ID: ")) {
      return null;
    }
    String chainId = digits(1, Integer.MAX_VALUE);
    if (chainId == null || !literal("\nNonce: ")) {
      return null;
    }
    start = at;
    while (at < in.length && (alpha(in[at]) || digit(in[at]))) {
      at++;
    }
    String nonce = from(start, at);
    if (nonce.length() < 8 || !literal("\nIssued At: ")) {
      return null;
    }
    String issuedAt = dateTime();
    if (issuedAt == null) {
      return null;
    }
    String expirationTime = null;
    if (literal("\nExpiration Time: ")) {
      expirationTime = dateTime();
      if (expirationTime == null) {
        return null;
      }
    }
    String notBefore = null;
    if (literal("\nNot Before: ")) {
      notBefore = dateTime();
      if (notBefore == null) {
        return null;
      }
    }
    String requestId = null;
    if (literal("\nRequest ID: ")) {
      start = at;
      pchars();
      requestId = from(start, at);
    }
    List<String> resources = new ArrayList<>();
    if (literal("\nResources:")) {
      while (literal("\n- ")) {
        start = at;
        if (!uri()) {
          return null;
        }
        resources.add(from(start, at));
      }
    }
    return at == in.length
        ? new Values(
            scheme,
            domain,
            address,
            statement,
            uri,
            chainId,
            nonce,
            issuedAt,
            expirationTime,
            notBefore,
            requestId,
            resources)
        : null;
  }

  // --- EIP-55 ---

  private boolean address() {
    if (at + 42 > in.length || in[at] != '0' || (in[at + 1] | 32) != 'x') {
      return false;
    }
    for (int i = at + 2; i < at + 42; i++) {
      if (!hex(in[i])) {
        return false;
      }
    }
    String form = from(at + 2, at + 42);
    byte[] hash = Hash.sha3(form.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 40; i++) {
      boolean high = (hash[i / 2] >> (i % 2 == 0 ? 7 : 3) & 1) == 1;
      char c = form.charAt(i);
      if (c > '9' && high != c < 'a') {
        return false;
      }
    }
    at += 42;
    return true;
  }

  // --- RFC 3986 ---

  private boolean uri() {
    if (!scheme() || !literal(":")) {
      return false;
    }
    if (literal("//")) {
      if (!authority()) {
        return false;
      }
      slashSegments();
    } else if (literal("/")) {
      if (pchars()) {
        slashSegments();
      }
    } else if (pchars()) {
      slashSegments();
    }
    if (literal("?")) {
      queryOrFragment();
    }
    if (literal("#")) {
      queryOrFragment();
    }
    return true;
  }

  private boolean scheme() {
    if (at >= in.length || !alpha(in[at])) {
      return false;
    }
    at++;
    while (at < in.length
        && (alpha(in[at]) || digit(in[at]) || in[at] == '+' || in[at] == '-' || in[at] == '.')) {
      at++;
    }
    return true;
  }

  private boolean authority() {
    int start = at;
    while (colonOrName()) {}
    if (!literal("@")) {
      at = start;
    }
    if (literal("[")) {
      if (!(ipFuture() || ipv6()) || !literal("]")) {
        return false;
      }
    } else {
      while (name()) {}
    }
    if (literal(":")) {
      digits(0, Integer.MAX_VALUE);
    }
    return true;
  }

  private boolean ipFuture() {
    int start = at;
    if (at < in.length && (in[at] | 32) == 'v') {
      at++;
      int digits = at;
      while (at < in.length && hex(in[at])) {
        at++;
      }
      if (at > digits && literal(".")) {
        int address = at;
        while (at < in.length && (unreserved(in[at]) || subDelim(in[at]) || in[at] == ':')) {
          at++;
        }
        if (at > address) {
          return true;
        }
      }
    }
    at = start;
    return false;
  }

  /** Eight groups, or at most seven around one "::"; a trailing IPv4 address counts as two. */
  private boolean ipv6() {
    int groups = 0;
    boolean shortened = literal("::");
    boolean expectsGroup = !shortened;
    while (true) {
      int start = at;
      if (ipv4()) {
        groups += 2;
        break;
      }
      int digits = 0;
      while (at < in.length && hex(in[at]) && digits < 4) {
        at++;
        digits++;
      }
      if (digits == 0) {
        if (expectsGroup) {
          return false;
        }
        at = start;
        break;
      }
      groups++;
      if (!shortened && literal("::")) {
        shortened = true;
        expectsGroup = false;
      } else if (literal(":")) {
        expectsGroup = true;
      } else {
        break;
      }
    }
    return shortened ? groups <= 7 : groups == 8;
  }

  private boolean ipv4() {
    int start = at;
    for (int i = 0; i < 4; i++) {
      if (i > 0 && !literal(".")) {
        at = start;
        return false;
      }
      String octet = digits(1, 3);
      if (octet == null
          || (octet.length() > 1 && octet.startsWith("0"))
          || Integer.parseInt(octet) > 255) {
        at = start;
        return false;
      }
    }
    return true;
  }

  private boolean colonOrName() {
    return literal(":") || name();
  }

  private boolean name() {
    if (at < in.length && (unreserved(in[at]) || subDelim(in[at]))) {
      at++;
      return true;
    }
    return escaped();
  }

  private boolean escaped() {
    if (at + 2 < in.length && in[at] == '%' && hex(in[at + 1]) && hex(in[at + 2])) {
      at += 3;
      return true;
    }
    return false;
  }

  private boolean pchar() {
    return literal(":") || literal("@") || name();
  }

  private boolean pchars() {
    int start = at;
    while (pchar()) {}
    return at > start;
  }

  private void slashSegments() {
    while (literal("/")) {
      pchars();
    }
  }

  private void queryOrFragment() {
    while (pchar() || literal("/") || literal("?")) {}
  }

  // --- RFC 3339 ---

  /** Reads a {@code date-time} whose day exists; null when there is none. */
  private String dateTime() {
    int start = at;
    String year = digits(4, 4);
    if (year == null || !literal("-")) {
      return null;
    }
    String month = digits(2, 2);
    if (month == null || !literal("-")) {
      return null;
    }
    String day = digits(2, 2);
    if (day == null || !(literal("T") || literal("t"))) {
      return null;
    }
    if (!clock(60)) {
      return null;
    }
    if (!literal("Z") && !literal("z")) {
      if (!literal("+") && !literal("-")) {
        return null;
      }
      if (!clock(-1)) {
        return null;
      }
    }
    int m = Integer.parseInt(month);
    int d = Integer.parseInt(day);
    if (m < 1 || m > 12 || d < 1 || d > daysOf(Integer.parseInt(year), m)) {
      return null;
    }
    return from(start, at);
  }

  /** Reads hours and minutes, and seconds unless {@code mostSeconds} is negative. */
  private boolean clock(int mostSeconds) {
    String hour = digits(2, 2);
    if (hour == null || Integer.parseInt(hour) > 23 || !literal(":")) {
      return false;
    }
    String minute = digits(2, 2);
    if (minute == null || Integer.parseInt(minute) > 59) {
      return false;
    }
    if (mostSeconds < 0) {
      return true;
    }
    if (!literal(":")) {
      return false;
    }
    String second = digits(2, 2);
    if (second == null || Integer.parseInt(second) > mostSeconds) {
      return false;
    }
    return !literal(".") || digits(1, Integer.MAX_VALUE) != null;
  }

  private static int daysOf(int year, int month) {
    return switch (month) {
      case 4, 6, 9, 11 -> 30;
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      default -> 31;
    };
  }

  /** The time in seconds since 1970, computed by counting days; ignores the fraction. */
  static long epochSecond(String dateTime) {
    int year = Integer.parseInt(dateTime.substring(0, 4));
    int month = Integer.parseInt(dateTime.substring(5, 7));
    long days = -719_528;
    days += 365L * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    for (int m = 1; m < month; m++) {
      days += daysOf(year, m);
    }
    days += Integer.parseInt(dateTime.substring(8, 10)) - 1;
    long seconds =
        days * 86_400
            + Integer.parseInt(dateTime.substring(11, 13)) * 3600L
            + Integer.parseInt(dateTime.substring(14, 16)) * 60L
            + Integer.parseInt(dateTime.substring(17, 19));
    if (dateTime.endsWith("Z") || dateTime.endsWith("z")) {
      return seconds;
    }
    int zone = dateTime.length() - 6;
    long offset =
        Integer.parseInt(dateTime.substring(zone + 1, zone + 3)) * 3600L
            + Integer.parseInt(dateTime.substring(zone + 4)) * 60L;
    return dateTime.charAt(zone) == '+' ? seconds - offset : seconds + offset;
  }

  // --- bytes ---

  private boolean literal(String text) {
    if (at + text.length() > in.length) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (in[at + i] != text.charAt(i)) {
        return false;
      }
    }
    at += text.length();
    return true;
  }

  private String digits(int least, int most) {
    int start = at;
    while (at < in.length && digit(in[at]) && at - start < most) {
      at++;
    }
    if (at - start < least) {
      at = start;
      return null;
    }
    return from(start, at);
  }

  private String from(int start, int end) {
    return new String(in, start, end - start, StandardCharsets.US_ASCII);
  }

  private static boolean alpha(byte b) {
    return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static boolean hex(byte b) {
    return HexFormat.isHexDigit(b);
  }

  private static boolean unreserved(byte b) {
    return alpha(b) || digit(b) || "-._~".indexOf(b) >= 0;
  }

  private static boolean subDelim(byte b) {
    return "!$&'()*+,;=".indexOf(b) >= 0;
  }

  private static boolean reserved(byte b) {
    return subDelim(b) || ":/?#[]@".indexOf(b) >= 0;
  }
}
