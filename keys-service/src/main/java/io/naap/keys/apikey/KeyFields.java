package io.naap.keys.apikey;

import io.naap.contracts.keys.AllowedOrigin;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.text.PlainText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The fields of a key that its tenant may change. An absent field becomes empty, so leaving a field
 * out clears it.
 *
 * @param name shown to people, 1 to 100 characters
 * @param tags copied into usage events, at most 20
 * @param tier a pool tier; absent for the default of the tenant's plan
 * @param allowedCidrs client addresses that may use it; empty for all
 * @param allowedOrigins web origins that may use it; empty for all
 * @param expiresAt absent when the key never expires
 * @param enabled absent means true
 */
public record KeyFields(
    String name,
    List<String> tags,
    Optional<String> tier,
    Scopes scopes,
    List<String> allowedCidrs,
    List<String> allowedOrigins,
    Optional<Instant> expiresAt,
    KeyLimits limits,
    Boolean enabled) {
  public KeyFields {
    name = PlainText.line("name", name, 100);
    tags = PlainText.lines("tags", tags, 20, 50);
    tier = tier == null ? Optional.empty() : tier;
    tier.ifPresent(text -> PlainText.line("tier", text, 50));
    scopes = scopes == null ? Scopes.EVERYTHING : scopes;
    allowedCidrs = PlainText.lines("allowed_cidrs", allowedCidrs, 50, 50);
    allowedCidrs.forEach(Cidr::check);
    allowedOrigins = PlainText.lines("allowed_origins", allowedOrigins, 50, 300);
    allowedOrigins.forEach(AllowedOrigin::of);
    expiresAt = expiresAt == null ? Optional.empty() : expiresAt;
    limits = limits == null ? KeyLimits.NONE : limits;
    enabled = enabled == null || enabled;
  }
}
