package io.naap.contracts.identity;

import io.naap.contracts.problem.Refusal;
import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.ParseException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;

/**
 * Verifies bearer tokens for Quarkus. It replaces SmallRye's own factory, which fetches keys with a
 * blocking call at most once a minute and knows no revocation.
 */
@Alternative
@Priority(1)
@ApplicationScoped
public class Principals extends JWTCallerPrincipalFactory {
  private static final Logger LOG = Logger.getLogger(Principals.class);

  private final Trust trust;
  private final TokenVerifier verifier;
  private final Clock clock;

  Principals(Trust trust, TrustConfig config, Clock clock) {
    this.trust = trust;
    this.clock = clock;
    this.verifier = new TokenVerifier(config.issuer(), config.skew(), config.maxLife());
  }

  @Override
  public JWTCallerPrincipal parse(String token, JWTAuthContextInfo ignored) throws ParseException {
    return believe(token)
        .map(claims -> new DefaultJWTCallerPrincipal(token, Claims.TYPE, claims))
        .orElseThrow(() -> new ParseException("the token is not good"));
  }

  /** Verifies an access token and returns its claims; empty when it is invalid or revoked. */
  public Optional<JwtClaims> believe(String token) {
    if (!trust.isFresh()) {
      throw Refusal.unavailable("Tokens cannot be verified right now; try again.").raise();
    }
    return switch (verifier.verify(token, trust::key, clock.instant())) {
      case TokenVerifier.Verdict.Bad bad -> {
        LOG.debugf("token refused, reason=%s", bad.reason());
        yield Optional.empty();
      }
      case TokenVerifier.Verdict.Good good ->
          Optional.of(good.claims()).filter(claims -> !isRevoked(claims));
    };
  }

  /** Suspended tenants are not checked here; {@link CallerAugmentor} refuses their callers. */
  private boolean isRevoked(JwtClaims claims) {
    try {
      long issuedAt = claims.getIssuedAt().getValue();
      String person = claims.getSubject();
      String session = claims.getStringClaimValue(Claims.SESSION);
      String tenant = claims.getStringClaimValue(Claims.TENANT);
      return trust.refuses(Subject.person(person), issuedAt)
          || trust.refuses(Subject.token(claims.getJwtId()), issuedAt)
          || (session != null && trust.refuses(Subject.session(session), issuedAt))
          || (tenant != null && trust.refuses(Subject.member(person, tenant), issuedAt));
    } catch (MalformedClaimException malformed) {
      LOG.debugf("token refused, reason=%s", malformed);
      return true;
    }
  }
}
