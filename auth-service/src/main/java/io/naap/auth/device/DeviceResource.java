package io.naap.auth.device;

import io.naap.auth.audit.Origin;
import io.naap.auth.limit.ClientLimits;
import io.naap.auth.oauth.OAuthError;
import io.naap.auth.tenant.AuthConfig;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The device flow (RFC 8628): the endpoint for the device and those for the person who decides. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DeviceResource {
  private static final int MAX_CLIENT = 100;

  private final DeviceGrants grants;
  private final ClientLimits limits;
  private final SecurityIdentity identity;
  private final String verificationUri;
  private final Clock clock;

  DeviceResource(
      DeviceGrants grants,
      ClientLimits limits,
      SecurityIdentity identity,
      DeviceConfig config,
      AuthConfig auth,
      Clock clock) {
    this.clock = clock;
    this.grants = grants;
    this.limits = limits;
    this.identity = identity;
    this.verificationUri = config.verificationUri().orElse(auth.issuer() + "/device");
  }

  /** The codes of a new grant: the device shows the user code and polls with the device code. */
  public record Authorization(
      String deviceCode,
      String userCode,
      String verificationUri,
      String verificationUriComplete,
      long expiresIn,
      long interval) {
    @Override
    public String toString() {
      return "Authorization[secret]";
    }
  }

  /** A person's decision on a grant. */
  public record Decision(String userCode, Boolean approve) {
    public Decision {
      if (userCode == null || userCode.length() > 20 || approve == null) {
        throw new InvalidInput("send user_code, and approve as true or false");
      }
    }

    @Override
    public String toString() {
      return "Decision[" + approve + "]";
    }
  }

  /** Starts a grant and returns its codes. */
  @POST
  @Path("oauth/device_authorization")
  @PermitAll
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(operationId = "deviceAuthorization", summary = "Begin to sign a device in (RFC 8628)")
  @APIResponse(
      responseCode = "200",
      description = "The codes",
      content = @Content(schema = @Schema(implementation = Authorization.class)))
  @APIResponse(responseCode = "400", description = "invalid_request")
  public Response begin(@FormParam("client_id") String client, @Context RoutingContext context) {
    Origin origin = Origin.of(context);
    if (client == null
        || client.isBlank()
        || client.length() > MAX_CLIENT
        || !client.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      return Response.status(400)
          .entity(
              new OAuthError(
                  "invalid_request", "client_id names the program: 1 to 100 printable characters"))
          .build();
    }
    DeviceGrants.Started started = grants.start(client, origin);
    return Response.ok(
            new Authorization(
                started.deviceCode(),
                started.userCode(),
                verificationUri,
                verificationUri + "?user_code=" + started.userCode(),
                started.ttl().toSeconds(),
                started.interval().toSeconds()))
        .header("Cache-Control", "no-store")
        .build();
  }

  /** Shows a person which device asks, before they decide. */
  @GET
  @Path("v1/device")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @SecurityRequirement(name = "SecurityScheme")
  @Operation(operationId = "pendingDevice", summary = "Which device waits behind a code")
  @APIResponse(responseCode = "200", description = "The device")
  @APIResponse(responseCode = "404", description = "No device waits behind this code")
  public DeviceGrants.Pending pending(
      @QueryParam("user_code") Optional<String> userCode, @Context RoutingContext context) {
    Caller caller = person(context);
    return grants
        .pending(userCode.filter(code -> code.length() <= 20).orElse(""))
        .orElseThrow(() -> wrongCode(caller));
  }

  /** Approves or denies that a device acts for the caller in the caller's tenant. */
  @POST
  @Path("v1/device")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @SecurityRequirement(name = "SecurityScheme")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "decideDevice",
      summary = "Let a device act for the caller in the caller's tenant, or refuse it")
  @APIResponse(responseCode = "204", description = "Decided")
  @APIResponse(responseCode = "401", description = "Not signed in, or not lately")
  @APIResponse(responseCode = "404", description = "No device waits behind this code")
  public void decide(Decision decision, @Context RoutingContext context) {
    Caller caller = person(context);
    if (decision == null) {
      throw Refusal.of(400, "malformed_json", "Send a JSON object.").raise();
    }
    if (decision.approve()) {
      // The device's session counts as a new sign-in, so the person must have signed in recently.
      caller.requireRecentSignIn(clock.instant());
    }
    if (!grants.decide(
        decision.userCode(),
        decision.approve(),
        caller.subject(),
        caller.tenantId().orElseThrow(),
        caller.wallet().orElseThrow(),
        Origin.of(context))) {
      throw wrongCode(caller);
    }
  }

  private Caller person(RoutingContext context) {
    Caller caller = Caller.of(identity);
    limits
        .check("device_code", Origin.of(context))
        .ifPresent(
            refusal -> {
              throw refusal.raise();
            });
    limits
        .tooManyFailures("device_code", caller.subject())
        .ifPresent(
            refusal -> {
              throw refusal.raise();
            });
    if (caller.wallet().isEmpty() || caller.tenantId().isEmpty()) {
      throw Refusal.of(403, "forbidden", "This is for people, not for service accounts.").raise();
    }
    return caller;
  }

  /** Counts a wrong code. A user code has only 34 bits, so guesses are limited per person too. */
  private Refusal.RefusedException wrongCode(Caller caller) {
    limits
        .failed("device_code", caller.subject())
        .ifPresent(
            refusal -> {
              throw refusal.raise();
            });
    return Refusal.notFound("waiting device: check the code, it may be over").raise();
  }
}
