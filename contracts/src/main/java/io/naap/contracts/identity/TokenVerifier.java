package io.naap.contracts.identity;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

/**
 * Verifies our access tokens (RFC 9068). Nothing is left to a library's defaults (RFC 8725): the
 * header holds {@code alg}, {@code typ} and {@code kid} and nothing else, the algorithm is ES256,
 * the key is a known one, and issuer, audience, type, times and lifetime are checked.
 */
public final class TokenVerifier {
  private static final int MAX_LENGTH = 4096;

  /** A compact JWT in base64url without padding, with an ES256 signature of 64 bytes. */
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9_-]{1,256}\\.[A-Za-z0-9_-]{1,3700}\\.[A-Za-z0-9_-]{86}");

  private static final Set<String> HEADER = Set.of("alg", "typ", "kid");
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String issuer;
  private final Duration skew;
  private final Duration maxLife;

  public TokenVerifier(String issuer, Duration skew, Duration maxLife) {
    this.issuer = issuer;
    this.skew = skew;
    this.maxLife = maxLife;
  }

  /** The result of a verification. */
  public sealed interface Verdict {
    /** The token is valid. */
    record Good(JwtClaims claims) implements Verdict {}

    /**
     * The token is invalid.
     *
     * @param reason for our log, never for the caller
     */
    record Bad(String reason) implements Verdict {}
  }

  /** Verifies a token with the key that its header names. */
  public Verdict verify(String token, Function<String, Optional<PublicKey>> keys, Instant now) {
    if (token == null || token.length() > MAX_LENGTH || !FORM.matcher(token).matches()) {
      return new Verdict.Bad("form");
    }
    String[] parts = token.split("\\.", -1);
    Optional<JsonNode> header = object(parts[0]);
    if (header.isEmpty() || object(parts[1]).isEmpty()) {
      return new Verdict.Bad("json");
    }
    if (!HEADER.equals(Set.copyOf(names(header.get())))
        || !header
            .get()
            .path("alg")
            .asText()
            .equals(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256)
        || !header.get().path("typ").asText().equals(Claims.TYPE)
        || !header.get().path("kid").isTextual()) {
      return new Verdict.Bad("header");
    }
    Optional<PublicKey> key = keys.apply(header.get().path("kid").asText());
    if (key.isEmpty()) {
      return new Verdict.Bad("key");
    }
    return claims(token, key.get(), now);
  }

  private Verdict claims(String token, PublicKey key, Instant now) {
    int skewSeconds = (int) skew.toSeconds();
    int lifeSeconds = (int) maxLife.toSeconds();
    try {
      JwtClaims claims =
          new JwtConsumerBuilder()
              .setJwsAlgorithmConstraints(
                  new AlgorithmConstraints(
                      ConstraintType.PERMIT,
                      AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256))
              .setVerificationKey(key)
              .setEvaluationTime(NumericDate.fromMilliseconds(now.toEpochMilli()))
              .setAllowedClockSkewInSeconds(skewSeconds)
              .setRequireExpirationTime()
              .setMaxFutureValidityInMinutes((int) maxLife.toMinutes())
              .setIssuedAtRestrictions(skewSeconds, lifeSeconds)
              .setRequireSubject()
              .setRequireJwtId()
              .setExpectedIssuer(true, issuer)
              .setExpectedAudience(true, Claims.AUDIENCE, Claims.INTERNAL_AUDIENCE)
              .setExpectedType(true, Claims.TYPE)
              .build()
              .processToClaims(token);
      // A token for both audiences would be accepted on endpoints for people and for services.
      if (claims.getAudience().size() != 1) {
        return new Verdict.Bad("audience");
      }
      if (!isWhole(claims, "exp") || !isWhole(claims, "iat")) {
        return new Verdict.Bad("times");
      }
      return new Verdict.Good(claims);
    } catch (InvalidJwtException | MalformedClaimException bad) {
      return new Verdict.Bad("claims");
    }
  }

  private static boolean isWhole(JwtClaims claims, String name) {
    return claims.getClaimValue(name) instanceof Long;
  }

  private static Optional<JsonNode> object(String part) {
    try {
      JsonNode node =
          STRICT.readTree(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
      return Optional.ofNullable(node).filter(JsonNode::isObject);
    } catch (JsonProcessingException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }
}
