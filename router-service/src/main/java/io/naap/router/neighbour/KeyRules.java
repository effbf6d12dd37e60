package io.naap.router.neighbour;

import io.naap.contracts.keys.AllowedOrigin;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.keys.Network;
import io.naap.contracts.problem.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides whether an API key may be used, and from where. A refusal is a value; none is empty. */
final class KeyRules {
  static final Refusal MISSING =
      Refusal.of(
          401, "key_missing", "Send an API key in the Authorization header: Bearer naap_...");

  static final Refusal INVALID =
      Refusal.of(
          401,
          "key_invalid",
          "The API key is not valid: check that it is whole, enabled and not expired.");

  private KeyRules() {}

  /** A key that keys-service knows, at a moment. */
  static Optional<Refusal> good(KeyProfile profile, Instant now) {
    return profile.isGoodAt(now) ? Optional.empty() : Optional.of(INVALID);
  }

  /** A gateway does not say where its client is, so a limited key is no stream key. */
  static Optional<Refusal> streamKey(KeyProfile profile) {
    return isLimited(profile)
        ? Optional.of(
            Refusal.of(
                403,
                "no_stream_key",
                "This key is limited to network addresses or web origins, which are not"
                    + " seen here; use one without as a stream key."))
        : Optional.empty();
  }

  /**
   * Where a client is.
   *
   * @param address of the client, asked for only when the key is limited to networks
   * @param origin of the client's page, asked for only when the key is limited to origins
   */
  static Optional<Refusal> client(
      KeyProfile profile, Supplier<String> address, Supplier<String> origin) {
    if (!profile.allowedCidrs().isEmpty() && !isIn(profile.allowedCidrs(), address.get())) {
      return Optional.of(
          Refusal.of(
              403, "address_not_allowed", "This key may not be used from your network address."));
    }
    if (!profile.allowedOrigins().isEmpty() && !isOf(profile.allowedOrigins(), origin.get())) {
      return Optional.of(
          Refusal.of(403, "origin_not_allowed", "This key may not be used from this web origin."));
    }
    return Optional.empty();
  }

  static boolean isLimited(KeyProfile profile) {
    return !profile.allowedCidrs().isEmpty() || !profile.allowedOrigins().isEmpty();
  }

  private static boolean isIn(List<String> cidrs, String address) {
    return cidrs.stream().anyMatch(cidr -> Network.of(cidr).contains(address));
  }

  private static boolean isOf(List<String> origins, String origin) {
    return origins.stream().anyMatch(allowed -> AllowedOrigin.of(allowed).matches(origin));
  }

  /** One address has sent too many keys that do not exist. */
  static Refusal tooManyUnknown(long secondsLeft) {
    return new Refusal(
        429,
        "too_many_unknown_keys",
        "Your address has sent too many API keys that do not exist; try again later.",
        List.of("unknown-keys"),
        Optional.of(secondsLeft));
  }
}
