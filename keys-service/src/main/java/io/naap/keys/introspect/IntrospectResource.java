package io.naap.keys.introspect;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.verification.Checked;
import io.naap.keys.verification.KeyCheck;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.jboss.resteasy.reactive.RestResponse;

/** Introspects keys (RFC 7662). */
@Path("/v1/keys/introspect")
@Produces(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class IntrospectResource {
  private final KeyCheck keys;
  private final Trust trust;
  private final SecurityIdentity identity;

  IntrospectResource(KeyCheck keys, Trust trust, SecurityIdentity identity) {
    this.keys = keys;
    this.trust = trust;
    this.identity = identity;
  }

  /**
   * Tells whether a key is active. For a key of another tenant a person gets the same response as
   * for an inactive one.
   */
  @POST
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.SERVICE_NAME
  })
  @Operation(
      operationId = "introspectKey",
      summary = "Is this key active, and what may it do? (RFC 7662)")
  @APIResponse(responseCode = "200", description = "The answer; active is false for any other key")
  @APIResponse(responseCode = "422", description = "No token")
  public Uni<RestResponse<Introspection>> introspect(
      @FormParam("token") String token, @FormParam("token_type_hint") String hint) {
    if (token == null || token.isEmpty()) {
      throw Refusal.invalid("Send the key as the form field token.").raise();
    }
    Caller caller = Caller.of(identity);
    return keys.look(token)
        .map(
            checked ->
                switch (checked) {
                  case Checked.Good good ->
                      !trust.isSuspended(good.profile().tenantId())
                              && (caller.has(Role.SERVICE)
                                  || caller
                                      .tenantId()
                                      .filter(good.profile().tenantId()::equals)
                                      .isPresent())
                          ? Introspection.of(good.profile())
                          : Introspection.INACTIVE;
                  case Checked.Ended ended -> Introspection.INACTIVE;
                  case Checked.Bad bad -> Introspection.INACTIVE;
                })
        .map(
            answer ->
                RestResponse.ResponseBuilder.ok(answer)
                    .header("Cache-Control", "no-store")
                    .build());
  }
}
