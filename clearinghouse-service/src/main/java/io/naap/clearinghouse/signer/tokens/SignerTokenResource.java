package io.naap.clearinghouse.signer.tokens;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.store.Tx;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The tokens of a tenant's own programs, which pay orchestrators through the signer. */
@Path("/v1/payments/signer-tokens")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SignerTokenResource {
  private final SignerTokens tokens;
  private final SignerConfig config;
  private final Ledger ledger;
  private final Idempotency idempotency;
  private final SecurityIdentity identity;
  private final Clock clock;

  SignerTokenResource(
      SignerTokens tokens,
      SignerConfig config,
      Ledger ledger,
      Idempotency idempotency,
      SecurityIdentity identity,
      Clock clock) {
    this.ledger = ledger;
    this.idempotency = idempotency;
    this.clock = clock;
    this.tokens = tokens;
    this.config = config;
    this.identity = identity;
  }

  /**
   * A new token.
   *
   * @param token to be sent as a bearer token; shown only here
   * @param sdkToken the same token with the signer's address, as SDKs take it; shown only here
   */
  public record NewToken(String id, String name, String token, String sdkToken) {
    /** Does not print the secret. */
    @Override
    public String toString() {
      return "NewToken[secret]";
    }
  }

  /** All tokens of a tenant, at most a hundred. */
  public record TokenList(List<SignerTokens.Token> data) {
    public TokenList {
      data = List.copyOf(data);
    }
  }

  /** Creates a token. */
  @POST
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(operationId = "createSignerToken", summary = "Make a token for the remote signer")
  @APIResponse(
      responseCode = "201",
      description = "Made; the token is shown this once",
      content = @Content(schema = @Schema(implementation = NewToken.class)))
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "409", description = "A hundred already")
  @APIResponse(responseCode = "422", description = "Invalid")
  @APIResponse(responseCode = "503", description = "There is no signer here")
  @SecurityRequirement(name = "SecurityScheme")
  public Response create(@HeaderParam("Idempotency-Key") String once, SignerTokenRequest request) {
    if (request == null) {
      throw Refusal.invalid("Send a body: name.").raise();
    }
    String url =
        config
            .publicUrl()
            .map(Object::toString)
            .orElseThrow(() -> Refusal.unavailable("There is no signer for tenants here.").raise());
    Caller caller = Caller.of(identity);
    caller.requireRecentSignIn(clock.instant());
    Idempotency.Answer answer =
        ledger.read(
            tx ->
                idempotency.onceIfAsked(
                    tx,
                    caller,
                    "POST /v1/payments/signer-tokens " + tenant(caller),
                    once,
                    request,
                    () -> new Idempotency.Answer(201, issued(tx, caller, request, url))));
    return Response.status(answer.status())
        .header("Cache-Control", "no-store")
        .entity(answer.body())
        .build();
  }

  private String issued(Tx tx, Caller caller, SignerTokenRequest request, String url) {
    SignerTokens.Issued issued =
        tokens
            .issue(tx, tenant(caller), request.name(), caller.subject())
            .orElseThrow(
                () ->
                    Refusal.conflict(
                            "too_many_signer_tokens", "Revoke one of the hundred there are.")
                        .raise());
    NewToken shown =
        new NewToken(
            issued.token().id(),
            issued.token().name(),
            issued.secret(),
            SignerTokens.bundle(url, issued.secret()));
    return write(shown);
  }

  private static String write(NewToken token) {
    return Json.write(token);
  }

  /** Lists tokens. */
  @GET
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(operationId = "listSignerTokens", summary = "The tenant's tokens for the signer")
  @APIResponse(responseCode = "200", description = "The tokens, never their secrets")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @SecurityRequirement(name = "SecurityScheme")
  public TokenList list() {
    return new TokenList(tokens.list(tenant(Caller.of(identity))));
  }

  /** Revokes a token. */
  @DELETE
  @Path("/{id}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(
      operationId = "revokeSignerToken",
      summary = "Revoke a token; it is refused everywhere within a second")
  @APIResponse(responseCode = "204", description = "Revoked")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not allowed")
  @APIResponse(responseCode = "404", description = "Not a token of the caller's tenant")
  @SecurityRequirement(name = "SecurityScheme")
  public Response revoke(@PathParam("id") String id) {
    if (!tokens.revoke(tenant(Caller.of(identity)), id)) {
      throw Refusal.notFound("signer token").raise();
    }
    return Response.noContent().build();
  }

  private static String tenant(Caller caller) {
    return caller.tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise());
  }
}
