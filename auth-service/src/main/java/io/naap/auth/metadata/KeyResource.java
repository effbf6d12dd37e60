package io.naap.auth.metadata;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.auth.grant.TokenResource;
import io.naap.auth.token.SigningKeys;
import io.naap.auth.token.TokenConfig;
import io.naap.auth.trust.StoredTrust;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.store.Transactions;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/**
 * Publishes the keys that verify tokens (RFC 7517) and the server's metadata (RFC 8414), and
 * rotates signing keys.
 */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class KeyResource {
  private final SigningKeys keys;
  private final Transactions transactions;
  private final Audit audit;
  private final Idempotency idempotency;
  private final SecurityIdentity identity;
  private final String issuer;

  KeyResource(
      SigningKeys keys,
      Transactions transactions,
      Audit audit,
      Idempotency idempotency,
      SecurityIdentity identity,
      TokenConfig config) {
    this.keys = keys;
    this.transactions = transactions;
    this.audit = audit;
    this.idempotency = idempotency;
    this.identity = identity;
    this.issuer = config.issuer();
  }

  /** A public key (RFC 7517). */
  public record Jwk(
      String kty, String crv, String alg, String use, String kid, String x, String y) {}

  /** A set of public keys. */
  public record Jwks(List<Jwk> keys) {
    public Jwks {
      keys = List.copyOf(keys);
    }
  }

  /** The server's metadata (RFC 8414). */
  public record Metadata(
      String issuer,
      @JsonUnwrapped Endpoints endpoints,
      List<String> grantTypesSupported,
      List<String> tokenEndpointAuthMethodsSupported,
      List<String> introspectionEndpointAuthMethodsSupported,
      List<String> responseTypesSupported) {
    /** The URLs of the server. */
    public record Endpoints(
        String tokenEndpoint,
        String deviceAuthorizationEndpoint,
        String revocationEndpoint,
        String introspectionEndpoint,
        String jwksUri) {}
  }

  /** Body of a rotation. */
  public record Rotation(Boolean compromised) {}

  /** A signing key as operators see it. */
  public record KeyView(String kid, Instant signsFrom, Instant signsUntil) {}

  /** The published signing keys, newest first. */
  public record KeyList(List<KeyView> data) {
    public KeyList {
      data = List.copyOf(data);
    }
  }

  /** The public keys that verify our tokens. */
  @GET
  @Path(".well-known/jwks.json")
  @PermitAll
  @Operation(operationId = "jwks", summary = "The keys that verify tokens")
  @APIResponse(
      responseCode = "200",
      description = "The keys",
      content = @Content(schema = @Schema(implementation = Jwks.class)))
  public Response jwks() {
    Jwks set = new Jwks(keys.published().stream().map(KeyResource::jwk).toList());
    return Response.ok(set).header("Cache-Control", "public, max-age=5").build();
  }

  private static Jwk jwk(SigningKeys.Published key) {
    return new Jwk(
        "EC",
        "P-256",
        "ES256",
        "sig",
        key.kid(),
        StoredTrust.coordinate(key.publicKey().getW().getAffineX()),
        StoredTrust.coordinate(key.publicKey().getW().getAffineY()));
  }

  /** The server's metadata. */
  @GET
  @Path(".well-known/oauth-authorization-server")
  @PermitAll
  @Operation(operationId = "metadata", summary = "What this authorization server can do")
  @APIResponse(
      responseCode = "200",
      description = "Metadata",
      content = @Content(schema = @Schema(implementation = Metadata.class)))
  public Response metadata() {
    return Response.ok(
            new Metadata(
                issuer,
                new Metadata.Endpoints(
                    issuer + "/oauth/token",
                    issuer + "/oauth/device_authorization",
                    issuer + "/oauth/revoke",
                    issuer + "/oauth/introspect",
                    issuer + "/.well-known/jwks.json"),
                List.of("refresh_token", "client_credentials", TokenResource.DEVICE_CODE),
                List.of("client_secret_basic", "none"),
                List.of("client_secret_basic"),
                List.of()))
        .header("Cache-Control", "public, max-age=300")
        .build();
  }

  /**
   * Signing keys: the current one, and earlier and later ones that are still or already published.
   */
  @GET
  @Path("v1/signing-keys")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @SecurityRequirement(name = "SecurityScheme")
  @Operation(operationId = "listSigningKeys", summary = "Signing keys, newest first (operator)")
  @APIResponse(responseCode = "200", description = "The keys")
  public KeyList list() {
    return new KeyList(
        keys.published().stream()
            .map(key -> new KeyView(key.kid(), key.signsFrom(), key.signsUntil().orElse(null)))
            .toList());
  }

  /** Generates the next signing key. */
  @POST
  @Path("v1/signing-keys/rotate")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Consumes(MediaType.APPLICATION_JSON)
  @SecurityRequirement(name = "SecurityScheme")
  @Operation(
      operationId = "rotateSigningKey",
      summary =
          "Make the next signing key; with compromised every token alive is refused (operator)")
  @APIResponse(responseCode = "200", description = "The keys")
  public KeyList rotate(
      @HeaderParam("Idempotency-Key") String once,
      Rotation rotation,
      @Context RoutingContext context) {
    boolean compromised = rotation != null && Boolean.TRUE.equals(rotation.compromised());
    Caller caller = Caller.of(identity);
    Origin origin = Origin.of(context);
    transactions.run(
        tx ->
            idempotency.onceIfAsked(
                tx,
                caller,
                "POST /v1/signing-keys/rotate",
                once,
                Map.of("compromised", compromised),
                () -> {
                  String kid = keys.rotate(tx, compromised);
                  audit.record(
                      tx,
                      new Action(
                          caller.subject(),
                          null,
                          "signing_key.rotated",
                          kid,
                          Map.of("compromised", Boolean.toString(compromised)),
                          origin));
                  return new Idempotency.Answer(200, kid);
                }));
    keys.reread();
    return list();
  }
}
