package io.naap.auth.grant;

import io.naap.auth.accesstoken.AccessTokens;
import io.naap.auth.audit.Origin;
import io.naap.auth.device.DeviceGrants;
import io.naap.auth.limit.ClientLimits;
import io.naap.auth.metrics.AuthMetrics;
import io.naap.auth.oauth.OAuthError;
import io.naap.auth.serviceaccount.ServiceAccountLogin;
import io.naap.auth.session.SessionRefresh;
import io.naap.auth.session.Tokens;
import io.naap.auth.token.TokenConfig;
import io.naap.contracts.ids.IdKind;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/**
 * The token endpoint (RFC 6749). Open to everybody, because each request carries its own proof: a
 * refresh token, a device code or a client secret.
 */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_FORM_URLENCODED)
@PermitAll
@RunOnVirtualThread
public class TokenResource {
  public static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

  private final SessionRefresh sessions;
  private final ServiceAccountLogin accounts;
  private final DeviceGrants devices;
  private final Clients clients;
  private final AccessTokens accessTokens;
  private final ClientLimits limits;
  private final AuthMetrics metrics;
  private final TokenConfig config;

  TokenResource(
      SessionRefresh sessions,
      ServiceAccountLogin accounts,
      DeviceGrants devices,
      Clients clients,
      AccessTokens accessTokens,
      ClientLimits limits,
      AuthMetrics metrics,
      TokenConfig config) {
    this.sessions = sessions;
    this.accounts = accounts;
    this.devices = devices;
    this.clients = clients;
    this.accessTokens = accessTokens;
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

  /**
   * Refreshes a session, issues the tokens of an approved device, or issues a token to a service
   * account or service.
   */
  @POST
  @Path("oauth/token")
  @Operation(
      operationId = "token",
      summary =
          "Refresh a session (tenant_id changes the tenant), sign a device in, or get a program's token")
  @APIResponse(
      responseCode = "200",
      description = "Tokens",
      content = @Content(schema = @Schema(implementation = Tokens.class)))
  @APIResponse(
      responseCode = "400",
      description = "As RFC 6749, section 5.2, and RFC 8628, section 3.5",
      content = @Content(schema = @Schema(implementation = OAuthError.class)))
  @APIResponse(responseCode = "401", description = "invalid_client")
  @APIResponse(responseCode = "429", description = "Too many attempts")
  public Response token(
      @FormParam("grant_type") String grantType,
      @FormParam("refresh_token") String refreshToken,
      @FormParam("tenant_id") Optional<String> tenantId,
      @FormParam("device_code") String deviceCode,
      @FormParam("client_id") String clientId,
      @HeaderParam("Authorization") String authorization,
      @Context RoutingContext context) {
    Origin origin = Origin.of(context);
    return switch (grantType == null ? "" : grantType) {
      case "refresh_token" -> refresh(refreshToken, tenantId, origin);
      case "client_credentials" -> program(authorization);
      case DEVICE_CODE -> device(deviceCode, clientId, origin);
      default ->
          OAuthAnswers.error(
              400,
              "unsupported_grant_type",
              "grant_type must be refresh_token, client_credentials or " + DEVICE_CODE);
    };
  }

  private Response refresh(String refreshToken, Optional<String> tenantId, Origin origin) {
    if (refreshToken == null
        || refreshToken.isEmpty()
        || refreshToken.length() > OAuthAnswers.MAX_TOKEN) {
      return OAuthAnswers.error(400, "invalid_request", "send refresh_token");
    }
    if (tenantId.isPresent() && !IdKind.TENANT.matches(tenantId.get())) {
      return OAuthAnswers.error(400, "invalid_request", "tenant_id must be ten_...");
    }
    return switch (sessions.refresh(refreshToken, tenantId, origin)) {
      case SessionRefresh.Refreshed.Renewed renewed -> OAuthAnswers.fresh(renewed.tokens());
      case SessionRefresh.Refreshed.Refused refused -> {
        metrics.tokenRefused(refused.reason());
        yield OAuthAnswers.error(
            400,
            "invalid_grant",
            refused.reason().equals("no_membership")
                ? "you do not belong to this tenant, or it is suspended"
                : "the refresh token is not good any more: sign in again");
      }
    };
  }

  private Response program(String authorization) {
    Optional<Clients.Credentials> credentials = Clients.credentials(authorization);
    if (credentials.isEmpty()) {
      metrics.tokenRefused("client");
      return OAuthAnswers.error(
          401, "invalid_client", "send the client id and secret with HTTP Basic");
    }
    String id = credentials.get().id();
    String secret = credentials.get().secret();
    if (clients.isService(id, secret)) {
      return OAuthAnswers.fresh(
          new ServiceToken(
              accessTokens.service(id), "Bearer", config.serviceTokenTtl().toSeconds()));
    }
    Optional<String> token = accounts.token(id, secret);
    if (token.isEmpty()) {
      metrics.tokenRefused("client");
      limits
          .failed("token", id)
          .ifPresent(
              refusal -> {
                throw refusal.raise();
              });
      return OAuthAnswers.error(401, "invalid_client", "the client id or its secret is wrong");
    }
    return OAuthAnswers.fresh(
        new ServiceToken(token.get(), "Bearer", config.accessTokenTtl().toSeconds()));
  }

  private Response device(String deviceCode, String clientId, Origin origin) {
    if (deviceCode == null || deviceCode.length() > OAuthAnswers.MAX_TOKEN || clientId == null) {
      return OAuthAnswers.error(400, "invalid_request", "send device_code and client_id");
    }
    return switch (devices.ask(deviceCode, clientId, origin)) {
      case DeviceGrants.Asked.Approved approved -> OAuthAnswers.fresh(approved.tokens());
      case DeviceGrants.Asked.Waiting waiting ->
          OAuthAnswers.error(400, "authorization_pending", "nobody has approved the code yet");
      case DeviceGrants.Asked.TooSoon tooSoon ->
          OAuthAnswers.error(400, "slow_down", "wait five seconds longer between requests");
      case DeviceGrants.Asked.Denied denied ->
          OAuthAnswers.error(400, "access_denied", "the code was not approved");
      case DeviceGrants.Asked.Expired expired ->
          OAuthAnswers.error(400, "expired_token", "the code is over: begin again");
    };
  }
}
