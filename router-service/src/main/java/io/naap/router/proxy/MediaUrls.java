package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.ids.IdKind;
import io.naap.router.routing.Gateway;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Media a gateway keeps in its memory is only there: its URL in an answer becomes ours and names
 * the gateway, {@code /stream/g-<gateway>/...}, so that every router finds the way back.
 */
final class MediaUrls {
  private static final String PREFIX = "/stream/";
  private static final String GATEWAY = "g-";

  /**
   * Under the same path gateways play what is transcoded, by the stream's name, which begins with
   * its tenant and can be guessed: that is nobody's to see here.
   */
  private static final Pattern OURS =
      Pattern.compile(
          PREFIX
              + GATEWAY
              + "([a-z0-9-]+)/(?!"
              + IdKind.TENANT.prefix()
              + "_)[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+");

  private MediaUrls() {}

  /** True for an address of a file that a gateway keeps. */
  static boolean isAtGateway(String url) {
    return url.startsWith(PREFIX);
  }

  /** A gateway's own address in front of a file of its own is left out. */
  static String relative(String url, Gateway gateway) {
    try {
      URI uri = url.regionMatches(true, 0, "http", 0, 4) ? URI.create(url) : null;
      return uri != null
              && uri.getHost() != null
              && uri.getRawPath() != null
              && uri.getRawPath().startsWith(PREFIX)
              && uri.getHost().equalsIgnoreCase(gateway.url().getHost())
          ? uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
          : url;
    } catch (IllegalArgumentException strange) {
      return url;
    }
  }

  /** The same for all addresses in an answer. */
  static void relative(JsonNode answer, Gateway gateway) {
    relativeOne(answer.path("audio"), gateway);
    answer.path("images").forEach(image -> relativeOne(image, gateway));
  }

  private static void relativeOne(JsonNode holder, Gateway gateway) {
    if (holder instanceof ObjectNode object && object.path("url").isTextual()) {
      String url = object.get("url").asText();
      String relative = relative(url, gateway);
      if (!relative.equals(url)) {
        object.put("url", relative);
      }
    }
  }

  /** True when anything was changed. */
  static boolean rewrite(JsonNode answer, String publicUrl, String gateway) {
    boolean changed = rewriteOne(answer.path("audio"), publicUrl, gateway);
    for (JsonNode image : answer.path("images")) {
      changed |= rewriteOne(image, publicUrl, gateway);
    }
    return changed;
  }

  private static boolean rewriteOne(JsonNode holder, String publicUrl, String gateway) {
    if (holder instanceof ObjectNode object && object.path("url").isTextual()) {
      String url = object.get("url").asText();
      if (url.startsWith(PREFIX)) {
        object.put(
            "url", publicUrl + PREFIX + GATEWAY + gateway + "/" + url.substring(PREFIX.length()));
        return true;
      }
    }
    return false;
  }

  /** The gateway's name in a path of ours, or null when the path is no media file's. */
  static String gateway(String path) {
    Matcher ours = OURS.matcher(path);
    return ours.matches() ? ours.group(1) : null;
  }

  /** The path at the gateway. */
  static String upstream(String path) {
    return PREFIX + path.substring(path.indexOf('/', PREFIX.length()) + 1);
  }
}
