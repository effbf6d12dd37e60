package io.naap.keys.apikey;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.idempotency.Idempotency;
import io.naap.keys.outbox.Outbox;
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
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** A tenant's keys. */
@Path("/v1/keys")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@SecurityRequirement(name = "SecurityScheme")
public class KeyResource {
  private static final int USUAL_PAGE = 20;
  private static final int MAX_PAGE = 100;

  private final PostgresKeyStore keys;
  private final Idempotency idempotency;
  private final Outbox outbox;
  private final SecurityIdentity identity;

  KeyResource(
      PostgresKeyStore keys, Idempotency idempotency, Outbox outbox, SecurityIdentity identity) {
    this.keys = keys;
    this.idempotency = idempotency;
    this.outbox = outbox;
    this.identity = identity;
  }

  /** Makes a key and shows it, once. */
  @POST
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(
      operationId = "createKey",
      summary = "Make a key; the whole key is in this answer only")
  @APIResponse(
      responseCode = "201",
      description = "The key",
      content = @Content(schema = @Schema(implementation = KeyView.class)))
  @APIResponse(responseCode = "409", description = "In flight, or too many keys")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<Response> create(@HeaderParam("Idempotency-Key") String once, NewKey wanted) {
    Caller caller = Caller.of(identity);
    NewKey checked = required(wanted);
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

  /** A page of keys, newest first. */
  @GET
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME
  })
  @Operation(operationId = "listKeys", summary = "A page of keys, newest first")
  @APIResponse(responseCode = "200", description = "The page")
  public Uni<KeyPage> list(
      @QueryParam("limit") Optional<Integer> limit, @QueryParam("cursor") Optional<String> cursor) {
    int size = limit.orElse(USUAL_PAGE);
    if (size < 1 || size > MAX_PAGE) {
      throw Refusal.invalid("limit must be between 1 and " + MAX_PAGE).raise();
    }
    if (cursor.isPresent() && !IdKind.KEY.matches(cursor.get())) {
      throw Refusal.invalid("cursor must be the next_cursor of an earlier page").raise();
    }
    String tenantId = tenantOf(Caller.of(identity));
    return Panache.withSession(() -> keys.list(tenantId, cursor, size + 1))
        .map(found -> page(found, size));
  }

  private static KeyPage page(List<KeyView> found, int size) {
    return found.size() <= size
        ? new KeyPage(found, null)
        : new KeyPage(found.subList(0, size), found.get(size - 1).id());
  }

  /** One key. */
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
  public Uni<KeyView> get(String id) {
    Caller caller = Caller.of(identity);
    return Panache.withSession(() -> keys.get(caller, id)).map(KeyResource::found);
  }

  /** Changes a key; routers follow within a second. */
  @PATCH
  @Path("/{id}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME, Role.DEVELOPER_NAME})
  @Operation(operationId = "changeKey", summary = "Change a key; what is absent stays")
  @APIResponse(responseCode = "200", description = "The key")
  @APIResponse(responseCode = "404", description = "No such key")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Uni<KeyView> change(String id, KeyChange change) {
    String tenantId = tenantOf(Caller.of(identity));
    KeyChange checked = required(change);
    return Panache.withTransaction(() -> keys.change(tenantId, id, checked))
        .map(KeyResource::found)
        .invoke(outbox::poke);
  }

  /** Deletes a key; routers follow within a second. */
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
              outbox.poke();
            })
        .replaceWithVoid();
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

  private static KeyView found(Optional<KeyView> key) {
    return key.orElseThrow(() -> Refusal.notFound("key").raise());
  }

  private static Refusal.RefusedException tooMany() {
    return Refusal.conflict("too_many_keys", "Delete keys that are not used before making more.")
        .raise();
  }
}
