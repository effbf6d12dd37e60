package io.naap.keys.leak;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * A key that was found, as GitHub reports it.
 *
 * @param token what was found
 * @param type our name for such keys
 * @param url where
 * @param source what kind of place that is
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Finding(String token, String type, String url, String source) {
  @Override
  public String toString() {
    return "Finding[" + type + "]";
  }
}
