package io.naap.router.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps the images of an answer that a customer can tell apart and fetch. An orchestrator with its
 * own worker gives all images of a job the same name, so that only one picture is there, and a
 * gateway without an object store keeps only a few images.
 */
final class ImageAnswers {
  private ImageAnswers() {}

  /** Removes images without an address, and all but the first of those with the same address. */
  static void keepDistinct(ObjectNode answer) {
    if (!(answer.path("images") instanceof ArrayNode images)) {
      return;
    }
    Set<String> seen = new HashSet<>();
    List<JsonNode> kept = new ArrayList<>();
    for (JsonNode image : images) {
      String url = image.path("url").asText("");
      if (!url.isBlank() && seen.add(picture(url))) {
        kept.add(image);
      }
    }
    replace(images, kept);
  }

  /** The name of a picture: at a gateway, its path without the query. */
  private static String picture(String url) {
    int query = url.indexOf('?');
    return MediaUrls.isAtGateway(url) && query >= 0 ? url.substring(0, query) : url;
  }

  /** Addresses at the gateway that must be looked up; a single image is not doubted. */
  static List<String> doubted(ObjectNode answer) {
    List<String> urls = new ArrayList<>();
    for (JsonNode image : answer.path("images")) {
      String url = image.path("url").asText("");
      if (MediaUrls.isAtGateway(url)) {
        urls.add(url);
      }
    }
    return urls.size() > 1 ? urls : List.of();
  }

  /** Removes images that are not there. */
  static void leaveOut(ObjectNode answer, Set<String> missing) {
    if (!missing.isEmpty() && answer.path("images") instanceof ArrayNode images) {
      List<JsonNode> kept = new ArrayList<>();
      for (JsonNode image : images) {
        if (!missing.contains(image.path("url").asText(""))) {
          kept.add(image);
        }
      }
      replace(images, kept);
    }
  }

  private static void replace(ArrayNode images, List<JsonNode> kept) {
    if (kept.size() < images.size()) {
      images.removeAll();
      kept.forEach(images::add);
    }
  }
}
