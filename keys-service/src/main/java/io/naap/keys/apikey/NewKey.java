package io.naap.keys.apikey;

import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.problem.InvalidInput;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A request for a new key; only the name is mandatory.
 *
 * @param mode {@code live} (default) or {@code test}
 */
public record NewKey(
    String name,
    Optional<String> mode,
    List<String> tags,
    Optional<String> tier,
    Scopes scopes,
    List<String> allowedCidrs,
    List<String> allowedOrigins,
    Optional<Instant> expiresAt,
    KeyLimits limits) {
  public NewKey {
    KeyFields checked =
        new KeyFields(
            name, tags, tier, scopes, allowedCidrs, allowedOrigins, expiresAt, limits, true);
    name = checked.name();
    mode = mode == null ? Optional.empty() : mode;
    if (!mode.orElse("live").equals("live") && !mode.orElse("live").equals("test")) {
      throw new InvalidInput("mode must be \"live\" or \"test\"");
    }
    tags = checked.tags();
    tier = checked.tier();
    scopes = checked.scopes();
    allowedCidrs = checked.allowedCidrs();
    allowedOrigins = checked.allowedOrigins();
    expiresAt = checked.expiresAt();
    limits = checked.limits();
  }

  KeyFields fields() {
    return new KeyFields(
        name, tags, tier, scopes, allowedCidrs, allowedOrigins, expiresAt, limits, true);
  }
}
