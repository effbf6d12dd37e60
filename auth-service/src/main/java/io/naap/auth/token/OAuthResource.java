package io.naap.auth.token;

import io.naap.auth.AuthConfig;
import io.naap.auth.AuthMetrics;
import io.naap.auth.limit.ClientLimits;
import io.naap.auth.session.Sessions;
import io.naap.auth.session.Tokens;
import io.naap.contracts.secret.Secret;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** OAuth 2: tokens (RFC 6749), revocation (RFC 7009), keys (RFC 7517) and metadata (RFC 8414). */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
@RunOnVirtualThread
public class OAuthResource {
  private static final int COORDINATE = 32;

  private final Sessions sessions;
  private final AccessTokens accessTokens;
  private final SigningKeys keys;
  private final ClientLimits limits;
  private final AuthMetrics metrics;
  private final AuthConfig config;

  OAuthResource(
      Sessions sessions,
      AccessTokens accessTokens,
      SigningKeys keys,
      ClientLimits limits,
      AuthMetrics metrics,
      AuthConfig config) {
    this.sessions = sessions;
    this.accessTokens = accessTokens;
    this.keys = keys;
    this.limits = limits;
    this.metrics = metrics;
    this.config = config;
  }

  /** An access token without a refresh token. */
  public record ServiceToken(String accessToken, String tokenType, long expiresIn) {
    @Override
    public String toString() {
      return "ServiceToken[secret]";
    }
  }

  /** An error as RFC 6749, section 5.2, spells it. */
  public record OAuthError(String error, String errorDescription) {}

  /** A public key (RFC 7517). */
  public record Jwk(
      String kty, String crv, String alg, String use, String kid, String x, String y) {}

  /** A set of public keys. */
  public record Jwks(List<Jwk> keys) {
    public Jwks {
      keys = List.copyOf(keys);
    }
  }

  /** What this server can do (RFC 8414). */
  public record Metadata(
      String issuer,
      String tokenEndpoint,
      String revocationEndpoint,
      String jwksUri,
      List<String> grantTypesSupported,
      List<String> tokenEndpointAuthMethodsSupported,
      List<String> responseTypesSupported) {}

  /** Refreshes a session, or gives a service a token. */
  @POST
  @Path("oauth/token")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(operationId = "token", summary = "Refresh a session, or get a service's token")
  @APIResponse(
      responseCode = "200",
      description = "Tokens",
      content = @Content(schema = @Schema(implementation = Tokens.class)))
  @APIResponse(
      responseCode = "400",
      description = "invalid_grant, invalid_request or unsupported_grant_type",
      content = @Content(schema = @Schema(implementation = OAuthError.class)))
  @APIResponse(responseCode = "401", description = "invalid_client")
  public Response token(
      @FormParam("grant_type") String grantType,
      @FormParam("refresh_token") String refreshToken,
      @HeaderParam("Authorization") String authorization,
      @Context HttpServerRequest request) {
    limits.check("token", request);
    if ("refresh_token".equals(grantType)) {
      return refresh(refreshToken);
    }
    if ("client_credentials".equals(grantType)) {
      return serviceToken(authorization);
    }
    return error(
        400, "unsupported_grant_type", "grant_type must be refresh_token or client_credentials");
  }

  private Response refresh(String refreshToken) {
    if (refreshToken == null || refreshToken.isEmpty()) {
      return error(400, "invalid_request", "send refresh_token");
    }
    return switch (sessions.refresh(refreshToken)) {
      case Sessions.Refreshed.Renewed renewed -> fresh(renewed.tokens());
      case Sessions.Refreshed.Refused refused -> {
        metrics.tokenRefused(refused.reason());
        yield error(400, "invalid_grant", "the refresh token is not good any more: sign in again");
      }
    };
  }

  private Response serviceToken(String authorization) {
    Optional<String> client = client(authorization);
    if (client.isEmpty()) {
      metrics.tokenRefused("client");
      return error(401, "invalid_client", "send the client id and secret with HTTP Basic");
    }
    return fresh(
        new ServiceToken(
            accessTokens.service(client.get()), "Bearer", config.serviceTokenTtl().toSeconds()));
  }

  private Optional<String> client(String authorization) {
    if (authorization == null || !authorization.startsWith("Basic ")) {
      return Optional.empty();
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      if (colon < 1) {
        return Optional.empty();
      }
      String id = pair.substring(0, colon);
      Secret secret = config.serviceClients().get(id);
      return secret != null && secret.matches(pair.substring(colon + 1))
          ? Optional.of(id)
          : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** Ends the session of a refresh token. */
  @POST
  @Path("oauth/revoke")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(operationId = "revoke", summary = "End the session of a refresh token")
  @APIResponse(responseCode = "200", description = "Ended, if there was one")
  public Response revoke(@FormParam("token") String token, @Context HttpServerRequest request) {
    limits.check("token", request);
    if (token == null || token.isEmpty()) {
      return error(400, "invalid_request", "send token");
    }
    sessions.revoke(token);
    return Response.ok().build();
  }

  /** The keys that verify our tokens. */
  @GET
  @Path(".well-known/jwks.json")
  @Operation(operationId = "jwks", summary = "The keys that verify tokens")
  @APIResponse(
      responseCode = "200",
      description = "The keys",
      content = @Content(schema = @Schema(implementation = Jwks.class)))
  public Response jwks() {
    Jwks set = new Jwks(keys.published().stream().map(OAuthResource::jwk).toList());
    return Response.ok(set).header("Cache-Control", "public, max-age=5").build();
  }

  /** What this server can do. */
  @GET
  @Path(".well-known/oauth-authorization-server")
  @Operation(operationId = "metadata", summary = "What this authorization server can do")
  @APIResponse(responseCode = "200", description = "Metadata")
  public Metadata metadata() {
    String issuer = config.issuer();
    return new Metadata(
        issuer,
        issuer + "/oauth/token",
        issuer + "/oauth/revoke",
        issuer + "/.well-known/jwks.json",
        List.of("refresh_token", "client_credentials"),
        List.of("client_secret_basic", "none"),
        List.of());
  }

  private static Jwk jwk(SigningKeys.Published key) {
    ECPublicKey publicKey = key.publicKey();
    return new Jwk(
        "EC",
        "P-256",
        "ES256",
        "sig",
        key.kid(),
        coordinate(publicKey.getW().getAffineX()),
        coordinate(publicKey.getW().getAffineY()));
  }

  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[COORDINATE];
    int length = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - length, fixed, COORDINATE - length, length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
  }

  private static Response fresh(Object tokens) {
    return Response.ok(tokens).header("Cache-Control", "no-store").build();
  }

  private static Response error(int status, String error, String description) {
    Response.ResponseBuilder response =
        Response.status(status)
            .entity(new OAuthError(error, description))
            .header("Cache-Control", "no-store");
    if (status == 401) {
      response.header("WWW-Authenticate", "Basic");
    }
    return response.build();
  }
}
