package io.naap.keys.apikey;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.text.PlainText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a tenant says about a key when it is made and may change later.
 *
 * @param name shown to people, 1 to 100 characters
 * @param tags copied into usage events, at most 20
 * @param tier a pool tier; absent for the default of the tenant's plan
 * @param expiresAt absent when the key never expires
 */
public record KeySettings(
    String name,
    List<String> tags,
    Optional<String> tier,
    Scopes scopes,
    @JsonUnwrapped Clients clients,
    Optional<Instant> expiresAt,
    KeyLimits limits) {
  public KeySettings {
    name = PlainText.line("name", name, 100);
    tags = PlainText.lines("tags", tags, 20, 50);
    tier = tier == null ? Optional.empty() : tier;
    tier.ifPresent(text -> PlainText.line("tier", text, 50));
    scopes = scopes == null ? Scopes.EVERYTHING : scopes;
    expiresAt = expiresAt == null ? Optional.empty() : expiresAt;
    limits = limits == null ? KeyLimits.NONE : limits;
  }

  /**
   * Collects the fields as they stand in the JSON object. Jackson reads unwrapped fields into
   * records too, but then it lets unknown fields pass.
   */
  public static class Json {
    public String name;
    public List<String> tags;
    public Optional<String> tier;
    public Scopes scopes;
    public List<String> allowedCidrs;
    public List<String> allowedOrigins;
    public Optional<Instant> expiresAt;
    public KeyLimits limits;

    KeySettings settings() {
      return new KeySettings(
          name, tags, tier, scopes, new Clients(allowedCidrs, allowedOrigins), expiresAt, limits);
    }
  }
}
