package io.naap.keys.introspect;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.keys.KeyProfile;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The response of an introspection (RFC 7662, section 2.2).
 *
 * @param active when false, all other fields are absent; also false for a valid key of another
 *     tenant
 * @param scope capabilities and models, {@code capability:llm model:x}; absent when the key may use
 *     everything
 * @param clientId the key's id
 * @param sub the tenant's id
 * @param exp seconds since 1970; absent when the key never expires
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Introspection(
    boolean active,
    Optional<String> scope,
    Optional<String> clientId,
    Optional<String> sub,
    Optional<String> tokenType,
    Optional<Long> exp,
    Optional<String> name,
    Optional<String> tier) {
  static final Introspection INACTIVE =
      new Introspection(
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  static Introspection of(KeyProfile profile) {
    return new Introspection(
        true,
        scope(profile.capabilities(), profile.models()),
        Optional.of(profile.keyId()),
        Optional.of(profile.tenantId()),
        Optional.of("api_key"),
        Stream.of(profile.expiresAt(), profile.secretExpiresAt())
            .flatMap(Optional::stream)
            .min(java.util.Comparator.naturalOrder())
            .map(java.time.Instant::getEpochSecond),
        Optional.of(profile.name()),
        profile.tier());
  }

  private static Optional<String> scope(List<String> capabilities, List<String> models) {
    return capabilities.isEmpty() && models.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Stream.concat(
                    capabilities.stream().map(name -> "capability:" + name),
                    models.stream().map(name -> "model:" + name))
                .collect(Collectors.joining(" ")));
  }
}
