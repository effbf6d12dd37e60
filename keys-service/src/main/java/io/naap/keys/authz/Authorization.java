package io.naap.keys.authz;

import io.naap.contracts.keys.AllowedOrigin;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.Network;
import java.util.List;
import java.util.Optional;

/** Decides whether a valid key may be used for a request. */
sealed interface Authorization {
  /** The key may be used. */
  record Allowed(KeyProfile profile) implements Authorization {}

  /** The key may not be used. */
  record Refused(String code, String detail) implements Authorization {}

  /**
   * The request that a gateway wants to forward.
   *
   * @param address the client's address, from the headers of trusted proxies
   * @param origin the browser's {@code Origin} header; null without one
   */
  record Asked(
      Optional<String> capability, Optional<String> model, String address, String origin) {}

  static Authorization of(KeyProfile profile, Asked asked) {
    if (isOutside(profile.capabilities(), asked.capability())) {
      return new Refused(
          "out_of_scope", "This key may not use " + asked.capability().orElseThrow() + ".");
    }
    if (isOutside(profile.models(), asked.model())) {
      return new Refused(
          "out_of_scope", "This key may not use the model " + asked.model().orElseThrow() + ".");
    }
    if (!profile.allowedCidrs().isEmpty()
        && profile.allowedCidrs().stream()
            .noneMatch(cidr -> Network.of(cidr).contains(asked.address()))) {
      return new Refused(
          "address_not_allowed", "This key may not be used from your network address.");
    }
    if (!profile.allowedOrigins().isEmpty()
        && profile.allowedOrigins().stream()
            .noneMatch(allowed -> AllowedOrigin.of(allowed).matches(asked.origin()))) {
      return new Refused("origin_not_allowed", "This key may not be used from this web origin.");
    }
    return new Allowed(profile);
  }

  private static boolean isOutside(List<String> scope, Optional<String> wanted) {
    return !scope.isEmpty() && wanted.isPresent() && !scope.contains(wanted.get());
  }
}
