package io.naap.auth.grant;

import io.naap.auth.audit.Origin;
import io.naap.auth.limit.ClientLimits;
import io.naap.auth.metrics.AuthMetrics;
import io.naap.auth.serviceaccount.ServiceAccountLogin;
import io.naap.auth.session.SignOut;
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

/** Revokes tokens (RFC 7009) and introspects them (RFC 7662). */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_FORM_URLENCODED)
@PermitAll
@RunOnVirtualThread
public class TokenStateResource {
  private final SignOut signOut;
  private final ServiceAccountLogin accounts;
  private final Clients clients;
  private final Introspection introspection;
  private final ClientLimits limits;
  private final AuthMetrics metrics;

  TokenStateResource(
      SignOut signOut,
      ServiceAccountLogin accounts,
      Clients clients,
      Introspection introspection,
      ClientLimits limits,
      AuthMetrics metrics) {
    this.signOut = signOut;
    this.accounts = accounts;
    this.clients = clients;
    this.introspection = introspection;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** Ends the session of a refresh token, or revokes an access token. */
  @POST
  @Path("oauth/revoke")
  @Operation(operationId = "revoke", summary = "Take a refresh token or an access token back")
  @APIResponse(responseCode = "200", description = "Ended, if there was one")
  @APIResponse(responseCode = "429", description = "Too many attempts")
  public Response revoke(@FormParam("token") String token, @Context RoutingContext context) {
    Origin origin = Origin.of(context);
    if (token == null || token.isEmpty() || token.length() > OAuthAnswers.MAX_TOKEN) {
      return OAuthAnswers.error(400, "invalid_request", "send token");
    }
    if (!signOut.revoke(token, origin)) {
      introspection.revokeAccessToken(token, origin);
    }
    return Response.ok().build();
  }

  /** Introspects a token, for services and, within their own tenant, service accounts. */
  @POST
  @Path("oauth/introspect")
  @Operation(
      operationId = "introspect",
      summary =
          "What a token stands for: for the services and for service accounts, about their own tenant")
  @APIResponse(
      responseCode = "200",
      description = "The token's state; active is false for whatever the client may not know of",
      content = @Content(schema = @Schema(implementation = Introspection.State.class)))
  @APIResponse(responseCode = "401", description = "invalid_client")
  public Response introspect(
      @FormParam("token") String token, @HeaderParam("Authorization") String authorization) {
    Optional<Clients.Credentials> credentials = Clients.credentials(authorization);
    boolean service =
        credentials.filter(given -> clients.isService(given.id(), given.secret())).isPresent();
    Optional<ServiceAccountLogin.Known> account =
        service
            ? Optional.empty()
            : credentials.flatMap(given -> accounts.authenticate(given.id(), given.secret()));
    if (!service && account.isEmpty()) {
      metrics.tokenRefused("client");
      credentials
          .flatMap(given -> limits.failed("token", given.id()))
          .ifPresent(
              refusal -> {
                throw refusal.raise();
              });
      return OAuthAnswers.error(
          401, "invalid_client", "send the client id and secret with HTTP Basic");
    }
    if (token == null || token.isEmpty() || token.length() > OAuthAnswers.MAX_TOKEN) {
      return OAuthAnswers.error(400, "invalid_request", "send token");
    }
    return OAuthAnswers.fresh(
        introspection.of(token, account.map(ServiceAccountLogin.Known::tenantId)));
  }
}
