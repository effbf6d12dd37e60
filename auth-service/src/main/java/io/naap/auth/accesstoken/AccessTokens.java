package io.naap.auth.accesstoken;

import io.naap.auth.secret.Opaque;
import io.naap.auth.tenant.Member;
import io.naap.auth.token.SigningKeys;
import io.naap.auth.token.TokenConfig;
import io.naap.contracts.identity.Claims;
import io.naap.contracts.identity.Role;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Signs access tokens (RFC 9068). */
@ApplicationScoped
public class AccessTokens {
  private final SigningKeys keys;
  private final TokenConfig config;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  AccessTokens(SigningKeys keys, TokenConfig config, Clock clock) {
    this.keys = keys;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Signs a token for a person acting for a tenant.
   *
   * @param signedInAt when the person of the session last signed in
   */
  public String person(Member member, String sessionId, Instant signedInAt, Instant issuedAt) {
    return sign(
        Jwt.issuer(config.issuer())
            .audience(Claims.AUDIENCE)
            .subject(member.userId())
            .claim(Claims.TENANT, member.tenantId())
            .claim(Claims.ROLES, member.roles().stream().map(Role::wireName).sorted().toList())
            .claim(Claims.WALLET, member.wallet())
            .claim(Claims.SESSION, sessionId)
            .claim(Claims.AUTH_TIME, signedInAt.getEpochSecond())
            .issuedAt(issuedAt)
            .expiresAt(issuedAt.plus(config.accessTokenTtl())));
  }

  /** Signs a token for a service account of a tenant. */
  public String account(String accountId, String tenantId, Role role, Instant issuedAt) {
    return sign(
        Jwt.issuer(config.issuer())
            .audience(Claims.AUDIENCE)
            .subject(accountId)
            .claim("client_id", accountId)
            .claim(Claims.TENANT, tenantId)
            .claim(Claims.ROLES, List.of(role.wireName()))
            .issuedAt(issuedAt)
            .expiresAt(issuedAt.plus(config.accessTokenTtl())));
  }

  /** Signs a token for one of the platform's services. */
  public String service(String clientId) {
    Instant now = clock.instant();
    return sign(
        Jwt.issuer(config.issuer())
            .audience(Claims.INTERNAL_AUDIENCE)
            .subject(clientId)
            .claim("client_id", clientId)
            .issuedAt(now)
            .expiresAt(now.plus(config.serviceTokenTtl())));
  }

  private String sign(JwtClaimsBuilder claims) {
    SigningKeys.Current key = keys.current();
    return claims
        .claim("jti", Opaque.random(random).substring(0, 22))
        .jws()
        .algorithm(SignatureAlgorithm.ES256)
        .header("typ", Claims.TYPE)
        .keyId(key.kid())
        .sign(key.privateKey());
  }
}
