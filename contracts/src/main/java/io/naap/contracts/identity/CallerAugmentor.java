package io.naap.contracts.identity;

import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Builds the {@link Caller} from a token that {@link Principals} has verified. Roles are assigned
 * only here: a token of the internal audience has the service role and no other, and a user's token
 * never has it. Refuses callers of a suspended tenant, except operators and support.
 */
@ApplicationScoped
public class CallerAugmentor implements SecurityIdentityAugmentor {
  private final Trust trust;

  CallerAugmentor(Trust trust) {
    this.trust = trust;
  }

  @Override
  public Uni<SecurityIdentity> augment(
      SecurityIdentity identity, AuthenticationRequestContext context) {
    if (identity.getPrincipal() instanceof JsonWebToken token) {
      return Uni.createFrom().item(() -> identityOf(token));
    }
    return Uni.createFrom().item(identity);
  }

  private SecurityIdentity identityOf(JsonWebToken token) {
    Caller caller =
        token.getAudience().contains(Claims.INTERNAL_AUDIENCE) ? serviceOf(token) : personOf(token);
    if (!caller.readsAllTenants() && caller.tenantId().filter(trust::isSuspended).isPresent()) {
      throw Trust.suspended();
    }
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
        text(token.getClaim(Claims.SESSION)),
        seconds(token.getClaim(Claims.AUTH_TIME)));
  }

  private static Optional<Instant> seconds(Object claim) {
    return switch (claim) {
      case JsonNumber json when json.isIntegral() ->
          Optional.of(Instant.ofEpochSecond(json.longValue()));
      case Long whole -> Optional.of(Instant.ofEpochSecond(whole));
      case null, default -> Optional.empty();
    };
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
