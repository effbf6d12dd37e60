package io.naap.contracts.testing;

import io.naap.contracts.identity.Claims;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TrustDocument;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Issues access tokens like auth-service, signed with a key of this test run. */
public final class Tokens {
  public static final String ISSUER = "http://localhost:8080";
  public static final String KEY_ID = "test";
  private static final KeyPair KEYS = newKeys();
  private static final Map<String, Long> REFUSED = new ConcurrentHashMap<>();

  /** The session of all tokens issued here. */
  public static final String SESSION = "ses_01kaq3v7g8e2nb0p4m6r9t1x5z";

  private Tokens() {}

  /** A token of a person of a tenant. */
  public static String of(String tenantId, Role... roles) {
    return claims(tenantId, roles)
        .jws()
        .header("typ", Claims.TYPE)
        .keyId(KEY_ID)
        .sign(KEYS.getPrivate());
  }

  /** The claims of a person's token, for tests that change some of them. */
  public static JwtClaimsBuilder claims(String tenantId, Role... roles) {
    return Jwt.issuer(ISSUER)
        .subject("usr_01kaq3v7g8e2nb0p4m6r9t1x5z")
        .audience(Claims.AUDIENCE)
        .claim(Claims.TENANT, tenantId)
        .claim(Claims.ROLES, Arrays.stream(roles).map(Role::wireName).toList())
        .claim(Claims.SESSION, SESSION)
        .claim(Claims.AUTH_TIME, Instant.now().getEpochSecond())
        .claim(Claims.WALLET, "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")
        .claim("jti", UUID.randomUUID().toString())
        .issuedAt(Instant.now())
        .expiresIn(600);
  }

  /** Signs claims, also invalid ones, as auth-service would. */
  public static String sign(JwtClaimsBuilder claims, String type) {
    return claims
        .jws()
        .algorithm(SignatureAlgorithm.ES256)
        .header("typ", type)
        .keyId(KEY_ID)
        .sign(KEYS.getPrivate());
  }

  /** A token of one of the five services. */
  public static String service(String name) {
    return sign(
        Jwt.issuer(ISSUER)
            .subject(name)
            .audience(Claims.INTERNAL_AUDIENCE)
            .claim("jti", UUID.randomUUID().toString())
            .issuedAt(Instant.now())
            .expiresIn(300),
        Claims.TYPE);
  }

  /** Tokens every service must refuse with 401; {@link Forgeries} names them. */
  public static List<String> forged(String tenantId) {
    return List.copyOf(Forgeries.of(tenantId).values());
  }

  /** The public key that verifies the tokens issued here. */
  public static ECPublicKey publicKey() {
    return (ECPublicKey) KEYS.getPublic();
  }

  static java.security.PrivateKey privateKey() {
    return KEYS.getPrivate();
  }

  /** Makes every service of this test run refuse the tokens of a {@code Subject} from now on. */
  public static void refuse(String subject) {
    REFUSED.put(subject, TrustDocument.FOR_EVER);
  }

  /** The trust document of this test run. */
  static TrustDocument trust() {
    ECPublicKey key = publicKey();
    return new TrustDocument(
        "v" + REFUSED.size(),
        List.of(
            new TrustDocument.Key(
                KEY_ID, coordinate(key.getW().getAffineX()), coordinate(key.getW().getAffineY()))),
        REFUSED);
  }

  static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
  }

  static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
