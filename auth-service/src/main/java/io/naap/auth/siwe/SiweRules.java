package io.naap.auth.siwe;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Checks that a well-formed message is meant for this platform and is currently valid.
 *
 * @param origin the scheme, host and port that people sign in to
 */
record SiweRules(
    URI origin, String domain, Set<Long> chainIds, Duration skew, Duration maxLife, Clock clock) {

  /** Says what is wrong with a message; empty when nothing is. */
  Optional<String> objection(SiweMessage message) {
    Instant now = clock.instant();
    if (!message.site().domain().equals(domain)) {
      return Optional.of("the domain must be " + domain);
    }
    if (message.site().scheme().filter(scheme -> !scheme.equals(origin.getScheme())).isPresent()) {
      return Optional.of("the scheme must be " + origin.getScheme());
    }
    if (!Rfc3986.origin(message.uri()).equals(Optional.of(own()))) {
      return Optional.of("URI must be under " + origin);
    }
    if (!chainIds.contains(message.account().chainId())) {
      return Optional.of("Chain ID must be one of " + chainIds);
    }
    if (message.validity().issuedAt().isAfter(now.plus(skew))) {
      return Optional.of("Issued At is in the future");
    }
    if (message.validity().issuedAt().isBefore(now.minus(maxLife))) {
      return Optional.of("the message is too old: sign a new one");
    }
    if (message.validity().expirationTime().filter(end -> !end.isAfter(now)).isPresent()) {
      return Optional.of("the message has expired: sign a new one");
    }
    if (message.validity().notBefore().filter(start -> start.isAfter(now.plus(skew))).isPresent()) {
      return Optional.of("the message is not valid yet");
    }
    return Optional.empty();
  }

  private Rfc3986.Origin own() {
    return new Rfc3986.Origin(origin.getScheme(), Optional.of(origin.getRawAuthority()));
  }
}
