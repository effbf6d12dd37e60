package io.naap.keys.apikey;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import io.naap.contracts.problem.InvalidInput;
import java.util.Optional;

/**
 * A request for a new key; only the name is mandatory.
 *
 * @param mode {@code live} (default) or {@code test}
 */
@JsonDeserialize(builder = NewKey.Json.class)
public record NewKey(@JsonUnwrapped KeySettings settings, Optional<String> mode) {
  public NewKey {
    mode = mode == null ? Optional.empty() : mode;
    if (!mode.orElse("live").equals("live") && !mode.orElse("live").equals("test")) {
      throw new InvalidInput("mode must be \"live\" or \"test\"");
    }
  }

  /** Reads the fields. */
  @JsonPOJOBuilder(withPrefix = "")
  public static final class Json extends KeySettings.Json {
    public Optional<String> mode;

    NewKey build() {
      return new NewKey(settings(), mode);
    }
  }
}
