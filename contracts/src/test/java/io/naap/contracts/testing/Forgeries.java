package io.naap.contracts.testing;

import io.naap.contracts.identity.Claims;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens that every service must refuse with 401. Each differs in one point from a valid token;
 * most have a correct signature of the right key, so that exactly this point must cause the
 * refusal.
 */
public final class Forgeries {
  private static final String HEADER = header("ES256", Claims.TYPE, quoted(Tokens.KEY_ID), "");
  private static final KeyPair STRANGER = Tokens.newKeys();

  private Forgeries() {}

  /** All forgeries, by the name of what is wrong. */
  public static Map<String, String> of(String tenantId) {
    Map<String, String> forged = new LinkedHashMap<>();
    String claims = claims(tenantId, Map.of());
    algorithms(forged, claims);
    types(forged, claims);
    keys(forged, claims);
    headers(forged, claims);
    names(forged, tenantId);
    times(forged, tenantId);
    duplicates(forged, claims);
    structure(forged, claims);
    return forged;
  }

  /** The valid token that the forgeries are derived from. */
  public static String good(String tenantId) {
    return signed(HEADER, claims(tenantId, Map.of()));
  }

  private static void algorithms(Map<String, String> forged, String claims) {
    for (String none :
        List.of("none", "None", "NONE", "nOnE", "noNe", "nonE", "none ", " none", "", "null")) {
      String header = header(none, Claims.TYPE, quoted(Tokens.KEY_ID), "");
      forged.put("alg '" + none + "' unsigned", part(header) + '.' + part(claims) + '.');
      forged.put("alg '" + none + "' with a signature", signed(header, claims));
    }
    forged.put(
        "alg absent", signed("{\"typ\":\"at+jwt\",\"kid\":\"" + Tokens.KEY_ID + "\"}", claims));
    for (String other : List.of("RS256", "PS256", "ES384", "ES512", "ES256K", "EdDSA", "es256")) {
      forged.put(
          "alg " + other, signed(header(other, Claims.TYPE, quoted(Tokens.KEY_ID), ""), claims));
    }
    ECPublicKey key = Tokens.publicKey();
    String x = Tokens.coordinate(key.getW().getAffineX());
    String y = Tokens.coordinate(key.getW().getAffineY());
    Map<String, byte[]> secrets =
        Map.of(
            "DER", key.getEncoded(),
            "PEM",
                bytes(
                    "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder(64, bytes("\n")).encodeToString(key.getEncoded())
                        + "\n-----END PUBLIC KEY-----\n"),
            "JWK",
                bytes("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}"),
            "x", bytes(x));
    secrets.forEach(
        (form, secret) ->
            forged.put(
                "HS256 with the public key as " + form,
                hmac(header("HS256", Claims.TYPE, quoted(Tokens.KEY_ID), ""), claims, secret)));
  }

  private static void types(Map<String, String> forged, String claims) {
    for (String type :
        List.of("JWT", "jwt", "AT+JWT", "application/at+jwt", "rt+jwt", "secevent+jwt", "")) {
      forged.put(
          "typ '" + type + "'", signed(header("ES256", type, quoted(Tokens.KEY_ID), ""), claims));
    }
    forged.put(
        "typ absent", signed("{\"alg\":\"ES256\",\"kid\":\"" + Tokens.KEY_ID + "\"}", claims));
  }

  private static void keys(Map<String, String> forged, String claims) {
    for (String kid :
        List.of(
            "unknown",
            "",
            "../../../../dev/null",
            "/dev/null",
            "test' or '1'='1",
            "test\\u0000",
            "TEST",
            "http://127.0.0.1:9/keys")) {
      forged.put(
          "kid '" + kid + "'", signed(header("ES256", Claims.TYPE, quoted(kid), ""), claims));
    }
    forged.put("kid a number", signed(header("ES256", Claims.TYPE, "7", ""), claims));
    forged.put("kid absent", signed("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", claims));
    forged.put("a stranger's key under our id", signed(HEADER, claims, STRANGER.getPrivate()));
  }

  private static void headers(Map<String, String> forged, String claims) {
    ECPublicKey own = (ECPublicKey) STRANGER.getPublic();
    String jwk =
        ",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}"
            .formatted(
                Tokens.coordinate(own.getW().getAffineX()),
                Tokens.coordinate(own.getW().getAffineY()));
    forged.put("its own key in jwk", signed(with(jwk), claims, STRANGER.getPrivate()));
    Map<String, String> extras = new LinkedHashMap<>();
    extras.put("jku", ",\"jku\":\"http://127.0.0.1:9/keys\"");
    extras.put("x5u", ",\"x5u\":\"http://127.0.0.1:9/chain\"");
    extras.put("x5c", ",\"x5c\":[\"AAAA\"]");
    extras.put("x5t", ",\"x5t\":\"AAAA\"");
    extras.put("crit", ",\"crit\":[\"exp\"]");
    extras.put("b64", ",\"crit\":[\"b64\"],\"b64\":false");
    extras.put("zip", ",\"zip\":\"DEF\"");
    extras.put("cty", ",\"cty\":\"JWT\"");
    extras.put("p2c", ",\"p2c\":2147483647");
    extras.forEach((name, extra) -> forged.put("header " + name, signed(with(extra), claims)));
  }

  private static void names(Map<String, String> forged, String tenantId) {
    bend(
        forged,
        tenantId,
        "aud",
        "\"other\"",
        "\"NAAP\"",
        "[\"naap\",\"naap-internal\"]",
        "[]",
        "7",
        null);
    bend(
        forged,
        tenantId,
        "iss",
        "\"http://elsewhere\"",
        "\"" + Tokens.ISSUER + "/\"",
        "[\"" + Tokens.ISSUER + "\"]",
        "\"\"",
        null);
    bend(forged, tenantId, "sub", "7", null);
    bend(forged, tenantId, "jti", "7", null);
  }

  private static void times(Map<String, String> forged, String tenantId) {
    long now = Instant.now().getEpochSecond();
    bend(
        forged,
        tenantId,
        "exp",
        Long.toString(now - 60),
        "\"" + (now + 600) + "\"",
        (now + 600) + ".5",
        "-1",
        "1000000000000000000",
        "1e30",
        Long.toString(now + 86_400),
        "null",
        null);
    bend(
        forged,
        tenantId,
        "iat",
        Long.toString(now + 120),
        Long.toString(now - 86_400),
        "\"" + now + "\"",
        null);
    bend(forged, tenantId, "nbf", Long.toString(now + 300));
  }

  private static void duplicates(Map<String, String> forged, String claims) {
    String open = claims.substring(0, claims.length() - 1);
    forged.put("roles twice", signed(HEADER, open + ",\"roles\":[\"operator\"]}"));
    forged.put("aud twice", signed(HEADER, open + ",\"aud\":\"naap-internal\"}"));
    forged.put("tid twice", signed(HEADER, open + ",\"tid\":\"ten_other\"}"));
    forged.put("alg twice", signed(with(",\"alg\":\"ES256\""), claims));
  }

  private static void structure(Map<String, String> forged, String claims) {
    String good = signed(HEADER, claims);
    String[] parts = good.split("\\.", -1);
    forged.put("two parts", parts[0] + '.' + parts[1]);
    forged.put("four parts", good + ".e30");
    forged.put("five parts", good + ".e30.e30");
    forged.put("no signature", parts[0] + '.' + parts[1] + '.');
    forged.put("a short signature", good.substring(0, good.length() - 4));
    forged.put("padding", good + "==");
    forged.put("zero signature", parts[0] + '.' + parts[1] + '.' + "A".repeat(86));
    forged.put("claims no object", signed(HEADER, "[" + claims + "]"));
    forged.put("claims with a tail", signed(HEADER, claims + "{}"));
    forged.put(
        "other claims under the signature",
        parts[0] + '.' + part(claims.replace("viewer", "operator")) + '.' + parts[2]);
    forged.put(
        "too large",
        signed(
            HEADER,
            claims.substring(0, claims.length() - 1) + ",\"x\":\"" + "a".repeat(4000) + "\"}"));
    forged.put("nonsense", "nonsense");
  }

  private static void bend(
      Map<String, String> forged, String tenantId, String claim, String... values) {
    for (String value : values) {
      Map<String, String> bent = new LinkedHashMap<>();
      bent.put(claim, value);
      forged.put(claim + " " + value, signed(HEADER, claims(tenantId, bent)));
    }
  }

  /** Claims as JSON. A value in {@code bent} replaces the valid one; null removes the claim. */
  private static String claims(String tenantId, Map<String, String> bent) {
    long now = Instant.now().getEpochSecond();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("iss", quoted(Tokens.ISSUER));
    all.put("aud", "\"naap\"");
    all.put("sub", "\"usr_01kaq3v7g8e2nb0p4m6r9t1x5z\"");
    all.put("tid", quoted(tenantId));
    all.put("roles", "[\"owner\",\"viewer\"]");
    all.put("jti", "\"forged\"");
    all.put("iat", Long.toString(now));
    all.put("exp", Long.toString(now + 600));
    all.putAll(bent);
    StringBuilder json = new StringBuilder();
    all.forEach(
        (name, value) -> {
          if (value != null) {
            json.append(json.isEmpty() ? "{" : ",").append(quoted(name)).append(':').append(value);
          }
        });
    return json.append('}').toString();
  }

  private static String with(String extra) {
    return header("ES256", Claims.TYPE, quoted(Tokens.KEY_ID), extra);
  }

  private static String header(String alg, String typ, String kid, String extra) {
    return "{\"alg\":\"%s\",\"typ\":\"%s\",\"kid\":%s%s}".formatted(alg, typ, kid, extra);
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static String signed(String header, String claims) {
    return signed(header, claims, Tokens.privateKey());
  }

  private static String signed(String header, String claims, PrivateKey key) {
    try {
      String input = part(header) + '.' + part(claims);
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key);
      signature.update(bytes(input));
      return input + '.' + encode(signature.sign());
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private static String hmac(String header, String claims, byte[] secret) {
    try {
      String input = part(header) + '.' + part(claims);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return input + '.' + encode(mac.doFinal(bytes(input)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private static String part(String json) {
    return encode(bytes(json));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
