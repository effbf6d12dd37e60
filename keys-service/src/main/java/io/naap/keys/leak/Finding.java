package io.naap.keys.leak;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * A possible key that GitHub found in public.
 *
 * @param token the text found
 * @param type the name under which our keys are registered with GitHub
 * @param url where it was found
 * @param source the kind of place, as GitHub names it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Finding(String token, String type, String url, String source) {
  @Override
  public String toString() {
    return "Finding[" + type + "]";
  }
}
