package io.naap.keys.apikey;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;

/**
 * The fields of a key that its tenant may change. An absent field becomes empty, so leaving a field
 * out clears it.
 *
 * @param enabled absent means true
 */
@JsonDeserialize(builder = KeyFields.Json.class)
public record KeyFields(@JsonUnwrapped KeySettings settings, Boolean enabled) {
  public KeyFields {
    enabled = enabled == null || enabled;
  }

  /** Reads the fields. */
  @JsonPOJOBuilder(withPrefix = "")
  public static final class Json extends KeySettings.Json {
    public Boolean enabled;

    KeyFields build() {
      return new KeyFields(settings(), enabled);
    }
  }
}
