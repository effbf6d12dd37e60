package io.naap.keys.apikey;

import io.naap.contracts.keys.KeyLimits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key to be made; only the name must be there.
 *
 * @param name for people, 1 to 100 characters
 * @param mode {@code live} (usual) or {@code test}
 * @param tags carried into usage, at most 20
 * @param tier a pool tier; absent for the plan's
 * @param allowedCidrs client addresses that may use it; empty for all
 * @param expiresAt absent for never
 */
public record NewKey(
    String name,
    Optional<String> mode,
    List<String> tags,
    Optional<String> tier,
    Scopes scopes,
    List<String> allowedCidrs,
    Optional<Instant> expiresAt,
    KeyLimits limits) {
  public NewKey {
    name = Texts.check("name", name, 100);
    mode = mode == null ? Optional.empty() : mode;
    if (!mode.orElse("live").equals("live") && !mode.orElse("live").equals("test")) {
      throw new IllegalArgumentException("mode must be \"live\" or \"test\"");
    }
    tags = Texts.list("tags", tags, 20, 50);
    tier = tier == null ? Optional.empty() : tier;
    tier.ifPresent(text -> Texts.check("tier", text, 50));
    scopes = scopes == null ? Scopes.EVERYTHING : scopes;
    allowedCidrs = Texts.list("allowed_cidrs", allowedCidrs, 50, 50);
    allowedCidrs.forEach(Cidr::check);
    expiresAt = expiresAt == null ? Optional.empty() : expiresAt;
    limits = limits == null ? KeyLimits.NONE : limits;
  }
}
