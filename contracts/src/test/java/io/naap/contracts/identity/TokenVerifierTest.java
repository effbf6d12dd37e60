package io.naap.contracts.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.testing.Forgeries;
import io.naap.contracts.testing.Tokens;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenVerifierTest {
  private static final String TENANT = "ten_01kaq3v7g8e2nb0p4m6r9t1x5z";

  private final TokenVerifier verifier =
      new TokenVerifier(Tokens.ISSUER, Duration.ofSeconds(5), Duration.ofMinutes(15));

  @Test
  void believesATokenOfOurOwn() {
    assertThat(verify(Forgeries.good(TENANT), Instant.now()))
        .isInstanceOf(TokenVerifier.Verdict.Good.class);
    assertThat(verify(Tokens.of(TENANT, Role.OWNER), Instant.now()))
        .isInstanceOf(TokenVerifier.Verdict.Good.class);
    assertThat(verify(Tokens.service("router"), Instant.now()))
        .isInstanceOf(TokenVerifier.Verdict.Good.class);
  }

  @Test
  void refusesEveryForgery() {
    Map<String, String> forged = Forgeries.of(TENANT);

    assertThat(forged).hasSizeGreaterThanOrEqualTo(60);
    forged.forEach(
        (name, token) ->
            assertThat(verify(token, Instant.now()))
                .as(name)
                .isInstanceOf(TokenVerifier.Verdict.Bad.class));
  }

  @Test
  void endsATokenFiveSecondsAfterItsTimeAtMost() {
    String token = Forgeries.good(TENANT);
    Instant end = Instant.now().plusSeconds(600);

    assertThat(verify(token, end.plusSeconds(3))).isInstanceOf(TokenVerifier.Verdict.Good.class);
    assertThat(verify(token, end.plusSeconds(6))).isInstanceOf(TokenVerifier.Verdict.Bad.class);
  }

  private TokenVerifier.Verdict verify(String token, Instant now) {
    return verifier.verify(token, TokenVerifierTest::key, now);
  }

  private static Optional<PublicKey> key(String kid) {
    return kid.equals(Tokens.KEY_ID) ? Optional.of(Tokens.publicKey()) : Optional.empty();
  }
}
