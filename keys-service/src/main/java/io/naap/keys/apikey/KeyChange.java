package io.naap.keys.apikey;

import io.naap.contracts.keys.KeyLimits;
import java.time.Instant;
import java.util.List;

/** A change of a key; what is absent stays as it is. */
public record KeyChange(
    String name,
    List<String> tags,
    Scopes scopes,
    List<String> allowedCidrs,
    Instant expiresAt,
    KeyLimits limits,
    Boolean enabled) {
  public KeyChange {
    if (name != null) {
      Texts.check("name", name, 100);
    }
    tags = tags == null ? null : Texts.list("tags", tags, 20, 50);
    if (allowedCidrs != null) {
      allowedCidrs = Texts.list("allowed_cidrs", allowedCidrs, 50, 50);
      allowedCidrs.forEach(Cidr::check);
    }
  }
}
