package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.ids.IdKind;
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
