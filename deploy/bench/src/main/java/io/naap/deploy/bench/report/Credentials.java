package io.naap.deploy.bench.report;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens and API keys of a run, made with its own keys: the service trusts nothing else. */
public final class Credentials {
  public static final String ISSUER = "http://bench.invalid";
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private final SecureRandom random = new SecureRandom();
  private final byte[] pepper = new byte[32];
  private final KeyPair keys;

  public Credentials() throws GeneralSecurityException {
    random.nextBytes(pepper);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    keys = generator.generateKeyPair();
  }

  /** An API key whose secret nobody stores. */
  public record Key(String publicId, String secret) {
    /** The whole key: what comes before the checksum, and the CRC-32 of it. */
    public String whole() {
      String checked = "naap_live_" + publicId + secret;
      CRC32 crc = new CRC32();
      crc.update(checked.getBytes(StandardCharsets.US_ASCII));
      long rest = crc.getValue();
      char[] checksum = new char[6];
      for (int at = 5; at >= 0; at--) {
        checksum[at] = DIGITS.charAt((int) (rest % 62));
        rest /= 62;
      }
      return checked + new String(checksum);
    }

    @Override
    public String toString() {
      return publicId;
    }
  }

  public Key key(String publicId) {
    StringBuilder secret = new StringBuilder(32);
    for (int at = 0; at < 32; at++) {
      secret.append(DIGITS.charAt(random.nextInt(62)));
    }
    return new Key(publicId, secret.toString());
  }

  public String pepper() {
    return Base64.getEncoder().encodeToString(pepper);
  }

  public byte[] hash(Key key) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(pepper, "HmacSHA256"));
    return mac.doFinal(key.secret.getBytes(StandardCharsets.US_ASCII));
  }

  /** What auth-service would answer to {@code GET /internal/trust}. */
  public String trust() {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    return """
    {"version":"bench","keys":[{"kid":"bench","x":"%s","y":"%s"}],"refused":{}}"""
        .formatted(coordinate(key.getW().getAffineX()), coordinate(key.getW().getAffineY()));
  }

  public String serviceToken() throws GeneralSecurityException {
    return token("\"aud\":\"naap-internal\",\"sub\":\"router\"");
  }

  public String viewerToken(String tenant) throws GeneralSecurityException {
    return token(
        "\"aud\":\"naap\",\"sub\":\"usr_01kaq3v7g8e2nb0p4m6r9t1x5z\",\"tid\":\""
            + tenant
            + "\",\"roles\":[\"viewer\"],\"sid\":\"ses_01kaq3v7g8e2nb0p4m6r9t1x5z\"");
  }

  public String operatorToken() throws GeneralSecurityException {
    return token(
        "\"aud\":\"naap\",\"sub\":\"usr_01kaq3v7g8e2nb0p4m6r9t1x5z\",\"tid\":\"ten_01kaq3v7g8e2nb0p4m6r9t1x5z\","
            + "\"roles\":[\"operator\"],\"sid\":\"ses_01kaq3v7g8e2nb0p4m6r9t1x5z\"");
  }

  /** A member's token. */
  public String token(String tenant, String role) throws GeneralSecurityException {
    return token(
        "\"aud\":\"naap\",\"sub\":\"usr_01kaq3v7g8e2nb0p4m6r9t1x5z\",\"tid\":\""
            + tenant
            + "\",\"roles\":[\""
            + role
            + "\"],\"sid\":\"ses_01kaq3v7g8e2nb0p4m6r9t1x5z\"");
  }

  private String token(String claims) throws GeneralSecurityException {
    long now = Instant.now().getEpochSecond();
    String signed =
        encoded("{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"bench\"}")
            + "."
            + encoded(
                "{\"iss\":\"%s\",%s,\"jti\":\"bench\",\"iat\":%d,\"exp\":%d}"
                    .formatted(ISSUER, claims, now, now + 600));
    Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
    signer.initSign(keys.getPrivate());
    signer.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + URL.encodeToString(signer.sign());
  }

  private static String encoded(String json) {
    return URL.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return URL.encodeToString(fixed);
  }

  @Override
  public String toString() {
    return "Credentials[" + Arrays.hashCode(keys.getPublic().getEncoded()) + "]";
  }
}
