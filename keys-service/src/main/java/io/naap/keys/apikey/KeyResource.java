package io.naap.keys.apikey;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.text.PlainText;
import io.naap.keys.apikey.PostgresKeyStore.Changed;
import io.naap.keys.config.KeysConfig;
import io.naap.keys.limits.EffectiveLimits;
import io.naap.keys.outbox.Changes;
import io.naap.keys.tier.TierCheck;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.idempotency.SessionIdempotency;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.jboss.resteasy.reactive.RestResponse;

/** Manages the keys of the caller's tenant. */
@Path("/v1/keys")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class KeyResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(20, 100);

  private final PostgresKeyStore keys;
  private final SessionIdempotency idempotency;
  private final Changes changes;
  private final SecurityIdentity identity;
  private final ObjectMapper strict;
  private final KeysConfig config;
  private final TierCheck tiers;

  KeyResource(
      PostgresKeyStore keys,
      SessionIdempotency idempotency,
      Changes changes,
      SecurityIdentity identity,
      ObjectMapper strict,
      KeysConfig config,
      TierCheck tiers) {
    this.tiers = tiers;
    this.strict = strict;
    this.config = config;
    this.keys = keys;
    this.idempotency = idempotency;
    this.changes = changes;
    this.identity = identity;
  }

  /** Creates a key and returns the whole key, which is shown only once. */
  @POST
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(
      operationId = "createKey",
      summary = "Make a key; the whole key is in this answer only")
  @APIResponse(
      responseCode = "201",
      description = "The key",
      content = @Content(schema = @Schema(implementation = KeyView.class)))
  @APIResponse(responseCode = "403", description = "The plan does not include the tier")
  @APIResponse(responseCode = "409", description = "In flight, or too many keys")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<Response> create(
      @HeaderParam("Idempotency-Key") String once,
      @Parameter(hidden = true) @HeaderParam("Authorization") String authorization,
      NewKey wanted) {
    Caller caller = Caller.of(identity);
    NewKey checked = required(wanted);
    return tiers
        .of(tenantOf(caller), checked.settings().tier(), authorization)
        .invoke(answer -> raise(answer.refusal()))
        .replaceWithVoid()
        .flatMap(allowed -> create(caller, once, checked));
  }

  private Uni<Response> create(Caller caller, String once, NewKey checked) {
    return Panache.withTransaction(
            () ->
                idempotency.once(
                    caller.subject(),
                    "POST /v1/keys",
                    once,
                    Json.write(checked),
                    () ->
                        keys.create(caller, tenantOf(caller), checked)
                            .map(
                                made ->
                                    new Idempotency.Answer(
                                        201, Json.write(made.orElseThrow(KeyResource::tooMany))))))
        .map(answer -> Response.status(answer.status()).entity(answer.body()).build());
  }

  /** A page of keys, newest first, or ordered by name in a text search. */
  @GET
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @Operation(
      operationId = "listKeys",
      summary = "A page of keys, newest first, or by name when q is given",
      description =
          "A page looks at a bounded number of keys: with conditions that fit few of them it may"
              + " hold less than limit, also none, and still have a next_cursor.")
  @APIResponse(responseCode = "200", description = "The page")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<Page<KeyView>> list(
      @Parameter(description = "A whole tag") @QueryParam("tag") Optional<String> tag,
      @Parameter(
              description =
                  "The beginning of a name in any case, or a whole key id, public id or last four")
          @QueryParam("q")
          Optional<String> text,
      @Parameter(description = "active, disabled or expired") @QueryParam("status")
          Optional<String> status,
      @Parameter(description = "live or test") @QueryParam("mode") Optional<String> mode,
      @Parameter(description = "Who made it: usr_... or a service account")
          @QueryParam("created_by")
          Optional<String> createdBy,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    KeySearch search = new KeySearch(tag, text, status, mode, createdBy);
    return keys.list(
        tenantOf(Caller.of(identity)),
        search,
        PageRequest.of(SIZES, limit, cursor, search.cursorValues()));
  }

  /** Returns one key. */
  @GET
  @Path("/{id}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getKey", summary = "One key")
  @APIResponse(responseCode = "200", description = "The key")
  @APIResponse(responseCode = "404", description = "No such key")
  public Uni<RestResponse<KeyView>> get(String id) {
    Caller caller = Caller.of(identity);
    return Panache.withSession(() -> keys.get(caller, id))
        .map(key -> tagged(key.orElseThrow(() -> Refusal.notFound("key").raise())));
  }

  /** Returns the limits that apply to a key, and whether each is the key's or its tenant's. */
  @GET
  @Path("/{id}/effective")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(
      operationId = "getEffectiveLimits",
      summary = "The limits that hold for a key, each with whose it is",
      description = "The plan's limits are not in the list; they apply when a job is admitted.")
  @APIResponse(responseCode = "200", description = "The limits")
  @APIResponse(responseCode = "404", description = "No such key")
  public Uni<EffectiveLimits> effective(String id) {
    Caller caller = Caller.of(identity);
    return Panache.withSession(() -> keys.effective(caller, id))
        .map(limits -> limits.orElseThrow(() -> Refusal.notFound("key").raise()));
  }

  /** Changes a key; routers apply the change within a second. */
  @PATCH
  @Path("/{id}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(
      operationId = "changeKey",
      summary = "Change a key: what is absent stays, null removes (RFC 7396)")
  @RequestBody(content = @Content(schema = @Schema(implementation = KeyFields.class)))
  @APIResponse(
      responseCode = "200",
      description = "The key",
      content = @Content(schema = @Schema(implementation = KeyView.class)))
  @APIResponse(responseCode = "403", description = "The plan does not include the tier")
  @APIResponse(responseCode = "404", description = "No such key")
  @APIResponse(responseCode = "409", description = "The key is at another revision than If-Match")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<RestResponse<KeyView>> change(
      String id,
      @Parameter(description = "The ETag of the key as the caller saw it") @HeaderParam("If-Match")
          String seen,
      @Parameter(hidden = true) @HeaderParam("Authorization") String authorization,
      ObjectNode patch) {
    String tenantId = tenantOf(Caller.of(identity));
    KeyPatch checked = new KeyPatch(strict, required(patch));
    Optional<Long> revision = revision(seen);
    return tiers
        .of(tenantId, checked.tier(), authorization)
        .invoke(answer -> raise(answer.refusal()))
        .replaceWithVoid()
        .flatMap(
            allowed -> Panache.withTransaction(() -> keys.change(tenantId, id, revision, checked)))
        .map(changed -> tagged(done(changed)))
        .invoke(changes::committed);
  }

  /** Rotates a key: creates a new secret and returns the whole key, which is shown only once. */
  @POST
  @Path("/{id}/rotate")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(
      operationId = "rotateKey",
      summary = "Give a key a new secret; the old one stays good for overlap_seconds",
      description =
          "Limits and counters stay those of the one key. At most two secrets are good at a time;"
              + " overlap_seconds 0 ends every other at once.")
  @APIResponse(
      responseCode = "200",
      description = "The key, with its new secret in this answer only",
      content = @Content(schema = @Schema(implementation = KeyView.class)))
  @APIResponse(responseCode = "404", description = "No such key")
  @APIResponse(responseCode = "409", description = "In flight, or still overlapping")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<Response> rotate(
      String id, @HeaderParam("Idempotency-Key") String once, Rotation wanted) {
    Caller caller = Caller.of(identity);
    String tenantId = tenantOf(caller);
    Rotation checked = required(wanted);
    if (checked.overlapSeconds() > config.rotationOverlapMaxSeconds()) {
      throw Refusal.invalid("overlap_seconds may be at most " + config.rotationOverlapMaxSeconds())
          .raise();
    }
    return Panache.withTransaction(
            () ->
                idempotency.once(
                    caller.subject(),
                    "POST /v1/keys/" + id + "/rotate",
                    once,
                    Json.write(checked),
                    () ->
                        keys.rotate(tenantId, id, checked.overlapSeconds())
                            .map(KeyResource::done)
                            .map(key -> new Idempotency.Answer(200, Json.write(key)))))
        .invoke(changes::committed)
        .map(answer -> Response.status(answer.status()).entity(answer.body()).build());
  }

  /**
   * A request to delete all keys that somebody created.
   *
   * @param createdBy {@code usr_...} or a service account
   */
  public record Revocation(String createdBy) {
    public Revocation {
      PlainText.line("created_by", createdBy, 50);
    }
  }

  /** The number of deleted keys. */
  public record Revoked(int revoked) {}

  /**
   * Deletes every key that somebody created, for example when they leave the tenant; routers refuse
   * the keys within a second.
   */
  @POST
  @Path("/revoke")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(
      operationId = "revokeKeys",
      summary = "Delete every key that a person or program made, as when they leave the tenant")
  @APIResponse(responseCode = "200", description = "How many were deleted")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<Revoked> revoke(Revocation wanted) {
    String tenantId = tenantOf(Caller.of(identity));
    Revocation checked = required(wanted);
    return Panache.withTransaction(() -> keys.removeAll(tenantId, checked.createdBy()))
        .map(Revoked::new)
        .invoke(changes::committed);
  }

  /** Deletes a key; routers refuse it within a second. */
  @DELETE
  @Path("/{id}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(operationId = "deleteKey", summary = "Delete a key for good")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "404", description = "No such key")
  public Uni<Void> delete(String id) {
    String tenantId = tenantOf(Caller.of(identity));
    return Panache.withTransaction(() -> keys.remove(tenantId, id))
        .invoke(
            removed -> {
              if (!removed) {
                throw Refusal.notFound("key").raise();
              }
              changes.committed();
            })
        .replaceWithVoid();
  }

  private static void raise(Optional<Refusal> refusal) {
    if (refusal.isPresent()) {
      throw refusal.get().raise();
    }
  }

  private static String tenantOf(Caller caller) {
    return caller
        .tenantId()
        .orElseThrow(() -> Refusal.of(403, "forbidden", "The token names no tenant.").raise());
  }

  private static <T> T required(T body) {
    if (body == null) {
      throw Refusal.of(400, "malformed_json", "Send a JSON object.").raise();
    }
    return body;
  }

  private static KeyView done(Changed changed) {
    return switch (changed) {
      case Changed.Done done -> done.key();
      case Changed.NoSuchKey none -> throw Refusal.notFound("key").raise();
      case Changed.Stale stale ->
          throw Refusal.conflict(
                  "stale_revision",
                  "The key is at revision "
                      + stale.revision()
                      + " by now; read it again and repeat the change.")
              .raise();
      case Changed.StillOverlapping overlapping ->
          throw Refusal.conflict(
                  "still_overlapping",
                  "Two secrets of this key are good already; wait for the older one to end, or"
                      + " rotate with overlap_seconds 0, which ends both at once.")
              .raise();
    };
  }

  private static RestResponse<KeyView> tagged(KeyView key) {
    return RestResponse.ResponseBuilder.ok(key)
        .header("ETag", "\"" + key.history().revision() + "\"")
        .build();
  }

  /** Parses the revision of an If-Match header; absent when the caller accepts any revision. */
  private static Optional<Long> revision(String ifMatch) {
    if (ifMatch == null || ifMatch.equals("*")) {
      return Optional.empty();
    }
    if (!ifMatch.matches("\"[0-9]{1,18}\"")) {
      throw Refusal.invalid("If-Match must be the ETag of the key, for example \"3\".").raise();
    }
    return Optional.of(Long.parseLong(ifMatch.substring(1, ifMatch.length() - 1)));
  }

  private static Refusal.RefusedException tooMany() {
    return Refusal.conflict("too_many_keys", "Delete keys that are not used before making more.")
        .raise();
  }
}
