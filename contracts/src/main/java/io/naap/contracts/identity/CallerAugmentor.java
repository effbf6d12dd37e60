package io.naap.contracts.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonArray;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Turns a token that Quarkus has verified (signature, algorithm, issuer, audience, times) into a
 * {@link Caller}. The roles come from here alone: an internal token is a service and nothing else,
 * a user's token is never a service, and a token that is not an access token is refused.
 */
@ApplicationScoped
public class CallerAugmentor implements SecurityIdentityAugmentor {
  private static final ObjectMapper HEADERS = new ObjectMapper();

  @Override
  public Uni<SecurityIdentity> augment(
      SecurityIdentity identity, AuthenticationRequestContext context) {
    if (identity.getPrincipal() instanceof JsonWebToken token) {
      return Uni.createFrom().item(() -> identityOf(token));
    }
    return Uni.createFrom().item(identity);
  }

  private static SecurityIdentity identityOf(JsonWebToken token) {
    requireAccessToken(token.getRawToken());
    Set<String> audience = token.getAudience();
    if (audience == null || audience.size() != 1) {
      throw new AuthenticationFailedException("the token must have one audience");
    }
    Caller caller =
        audience.contains(Claims.INTERNAL_AUDIENCE) ? serviceOf(token) : personOf(token);
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(token)
        .addRoles(caller.roles().stream().map(Role::wireName).collect(Collectors.toSet()))
        .addAttribute(Caller.ATTRIBUTE, caller)
        .build();
  }

  private static Caller serviceOf(JsonWebToken token) {
    return new Caller(
        token.getSubject(),
        Optional.empty(),
        EnumSet.of(Role.SERVICE),
        Optional.empty(),
        Optional.empty());
  }

  private static Caller personOf(JsonWebToken token) {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : texts(token.getClaim(Claims.ROLES))) {
      Role.find(name).ifPresent(roles::add);
    }
    roles.remove(Role.SERVICE);
    return new Caller(
        token.getSubject(),
        text(token.getClaim(Claims.TENANT)),
        roles,
        text(token.getClaim(Claims.WALLET)),
        text(token.getClaim(Claims.SESSION)));
  }

  private static void requireAccessToken(String rawToken) {
    try {
      String header = rawToken.substring(0, rawToken.indexOf('.'));
      JsonNode type =
          HEADERS
              .readTree(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
              .path("typ");
      if (!Claims.TYPE.equals(type.asText())) {
        throw new AuthenticationFailedException("the token is not an access token");
      }
    } catch (JsonProcessingException | IllegalArgumentException unreadable) {
      throw new AuthenticationFailedException(unreadable);
    }
  }

  private static Optional<String> text(Object claim) {
    if (claim instanceof JsonString json) {
      return Optional.of(json.getString());
    }
    return claim instanceof String string ? Optional.of(string) : Optional.empty();
  }

  private static List<String> texts(Object claim) {
    List<String> texts = new ArrayList<>();
    if (claim instanceof JsonArray array) {
      for (JsonValue value : array) {
        text(value).ifPresent(texts::add);
      }
    } else if (claim instanceof Collection<?> values) {
      values.forEach(value -> text(value).ifPresent(texts::add));
    }
    return texts;
  }
}
