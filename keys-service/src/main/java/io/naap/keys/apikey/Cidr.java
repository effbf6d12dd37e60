package io.naap.keys.apikey;

import io.naap.contracts.problem.InvalidInput;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks that a text is an IP address range, without any DNS look-up. */
final class Cidr {
  private static final Pattern IPV4 =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");
  private static final Pattern IPV6 = Pattern.compile("([0-9a-fA-F:]{2,39})(?:/(\\d{1,3}))?");

  private Cidr() {}

  static String check(String range) {
    if (!isIpv4(range) && !isIpv6(range)) {
      throw new InvalidInput("allowed_cidrs entries look like 203.0.113.0/24 or 2001:db8::/32");
    }
    return range;
  }

  private static boolean isIpv4(String range) {
    Matcher matcher = IPV4.matcher(range);
    if (!matcher.matches()) {
      return false;
    }
    for (int part = 1; part <= 4; part++) {
      if (Integer.parseInt(matcher.group(part)) > 255) {
        return false;
      }
    }
    return matcher.group(5) == null || Integer.parseInt(matcher.group(5)) <= 32;
  }

  private static boolean isIpv6(String range) {
    Matcher matcher = IPV6.matcher(range);
    if (!matcher.matches() || !range.contains(":")) {
      return false;
    }
    String address = matcher.group(1);
    int shortened = address.indexOf("::");
    if (shortened >= 0 && address.indexOf("::", shortened + 1) >= 0) {
      return false;
    }
    String[] groups = address.split(":", -1);
    for (String group : groups) {
      if (group.length() > 4) {
        return false;
      }
    }
    boolean length = shortened >= 0 ? groups.length <= 8 : groups.length == 8;
    return length && (matcher.group(2) == null || Integer.parseInt(matcher.group(2)) <= 128);
  }
}
