package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.ids.IdKind;
import io.naap.router.routing.Gateway;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites addresses of media that only one gateway has, in its memory: the address in an answer
 * becomes one of the platform that names the gateway, {@code /stream/g-<gateway>/...}, so that
 * every router finds the gateway again.
 */
final class MediaUrls {
  private static final String PREFIX = "/stream/";
  private static final String GATEWAY = "g-";

  /**
   * A gateway plays transcoded streams under the same path. Their names begin with the tenant's id
   * and can be guessed, so they are not served here.
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

  /** Cuts the gateway's own address from the address of a file that it keeps. */
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

  /** Cuts the gateway's own address from all addresses in an answer. */
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

  /**
   * Rewrites all addresses in an answer.
   *
   * @return true when an address was changed
   */
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

  /** The gateway's name in a path of the platform, or null when the path is not a media file's. */
  static String gateway(String path) {
    Matcher ours = OURS.matcher(path);
    return ours.matches() ? ours.group(1) : null;
  }

  /** The path at the gateway. */
  static String upstream(String path) {
    return PREFIX + path.substring(path.indexOf('/', PREFIX.length()) + 1);
  }
}
