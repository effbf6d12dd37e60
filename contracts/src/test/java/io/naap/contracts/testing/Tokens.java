package io.naap.contracts.testing;

import io.naap.contracts.identity.Claims;
import io.naap.contracts.identity.Role;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** Access tokens as auth-service issues them, signed with a key of this test run. */
public final class Tokens {
  public static final String ISSUER = "http://localhost:8080";
  private static final String KEY_ID = "test";
  private static final KeyPair KEYS = newKeys();

  private Tokens() {}

  /** A person of a tenant. */
  public static String of(String tenantId, Role... roles) {
    return claims(tenantId, roles)
        .jws()
        .header("typ", Claims.TYPE)
        .keyId(KEY_ID)
        .sign(KEYS.getPrivate());
  }

  /** The claims of a person, to be bent by tests of refusal. */
  public static JwtClaimsBuilder claims(String tenantId, Role... roles) {
    return Jwt.issuer(ISSUER)
        .subject("usr_01kaq3v7g8e2nb0p4m6r9t1x5z")
        .audience(Claims.AUDIENCE)
        .claim(Claims.TENANT, tenantId)
        .claim(Claims.ROLES, Arrays.stream(roles).map(Role::wireName).toList())
        .claim(Claims.SESSION, "ses_01kaq3v7g8e2nb0p4m6r9t1x5z")
        .issuedAt(Instant.now())
        .expiresIn(600);
  }

  /** Signs bent claims as auth-service would. */
  public static String sign(JwtClaimsBuilder claims, String type) {
    return claims
        .jws()
        .algorithm(SignatureAlgorithm.ES256)
        .header("typ", type)
        .keyId(KEY_ID)
        .sign(KEYS.getPrivate());
  }

  /** One of the five services. */
  public static String service(String name) {
    return sign(
        Jwt.issuer(ISSUER)
            .subject(name)
            .audience(Claims.INTERNAL_AUDIENCE)
            .issuedAt(Instant.now())
            .expiresIn(300),
        Claims.TYPE);
  }

  /** Tokens every service must refuse with 401: wrong issuer, audience, type, time, key. */
  public static List<String> forged(String tenantId) {
    Role role = Role.OPERATOR;
    return List.of(
        sign(claims(tenantId, role).issuer("http://elsewhere"), Claims.TYPE),
        sign(claims(tenantId, role).audience("other"), Claims.TYPE),
        sign(claims(tenantId, role).audience(Set.of("naap", "naap-internal")), Claims.TYPE),
        sign(claims(tenantId, role), "JWT"),
        sign(
            claims(tenantId, role)
                .issuedAt(Instant.now().minusSeconds(700))
                .expiresAt(Instant.now().minusSeconds(60)),
            Claims.TYPE),
        claims(tenantId, role)
            .jws()
            .header("typ", Claims.TYPE)
            .keyId(KEY_ID)
            .sign(newKeys().getPrivate()),
        unsigned());
  }

  static Path jwksFile() {
    try {
      Path file = Files.createTempFile("naap-test", ".jwks");
      file.toFile().deleteOnExit();
      ECPublicKey key = (ECPublicKey) KEYS.getPublic();
      Files.writeString(
          file,
          """
          {"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"%s","x":"%s","y":"%s"}]}"""
              .formatted(
                  KEY_ID,
                  coordinate(key.getW().getAffineX()),
                  coordinate(key.getW().getAffineY())));
      return file;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String unsigned() {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    long now = Instant.now().getEpochSecond();
    String header = "{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"test\"}";
    String body =
        "{\"iss\":\"%s\",\"aud\":\"naap\",\"sub\":\"usr_1\",\"roles\":[\"operator\"],\"iat\":%d,\"exp\":%d}"
            .formatted(ISSUER, now, now + 600);
    return base64.encodeToString(header.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        + "."
        + base64.encodeToString(body.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        + ".";
  }

  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
