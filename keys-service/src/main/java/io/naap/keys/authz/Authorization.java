package io.naap.keys.authz;

import io.naap.contracts.keys.AllowedOrigin;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.Network;
import java.util.List;
import java.util.Optional;

/** Whether a good key may do what is asked. */
sealed interface Authorization {
  /** It may. */
  record Allowed(KeyProfile profile) implements Authorization {}

  /** It may not. */
  record Refused(String code, String detail) implements Authorization {}

  /**
   * What a gateway wants to forward.
   *
   * @param address the client's, as far as proxies can be trusted
   * @param origin the browser's, null for none
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
