package io.naap.metering.webhook;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.secret.Secret;
import io.naap.metering.usage.UsageQuestion;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** A tenant's webhooks and what was delivered to them. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class WebhookResource {
  private static final Duration OVERLAP = Duration.ofHours(24);

  private final Transactions transactions;
  private final Idempotency idempotency;
  private final WebhookConfig config;
  private final Ids ids;
  private final RandomGenerator random;
  private final Clock clock;
  private final SecurityIdentity identity;
  private final Sealing sealing;
  private final Targets targets;

  WebhookResource(
      Transactions transactions,
      Idempotency idempotency,
      WebhookConfig config,
      Targets.Resolver resolver,
      Ids ids,
      RandomGenerator random,
      Clock clock,
      SecurityIdentity identity,
      Sealing sealing) {
    this.transactions = transactions;
    this.idempotency = idempotency;
    this.config = config;
    this.ids = ids;
    this.random = random;
    this.clock = clock;
    this.identity = identity;
    this.sealing = sealing;
    this.targets = new Targets(config.allowPrivateTargets(), resolver);
  }

  /** The tenant's webhooks. */
  @GET
  @Path("v1/webhooks")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "listWebhooks", summary = "The tenant's webhooks")
  @APIResponse(responseCode = "200", description = "The webhooks, without their secrets")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  public Webhook.Page list() {
    String tenant = tenant();
    return new Webhook.Page(
        transactions
            .run(tx -> tx.query("select * from webhook where tenant_id = $1 order by id", tenant))
            .stream()
            .map(row -> webhook(row, null))
            .toList(),
        null);
  }

  private String tenant() {
    return Caller.of(identity).tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise());
  }

  private static Webhook webhook(Row row, String secret) {
    return new Webhook(
        row.getString("id"),
        row.getString("tenant_id"),
        row.getString("url"),
        List.of(row.getArrayOfStrings("events")),
        row.getBoolean("enabled"),
        row.getOffsetDateTime("created_at").toInstant(),
        secret);
  }

  /** A new webhook. */
  @POST
  @Path("v1/webhooks")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "createWebhook", summary = "Make a webhook; its secret is shown once")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = Webhook.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(
      responseCode = "409",
      description = "Too many, or the first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid, or a target that is not allowed")
  public Response create(@HeaderParam("Idempotency-Key") String key, Webhook.Request request) {
    if (request == null || request.url() == null) {
      throw Refusal.invalid("Send url, and events.").raise();
    }
    if (!Announcements.TYPES.containsAll(request.events())) {
      throw Refusal.invalid("events are of " + Announcements.TYPES.stream().sorted().toList() + ".")
          .raise();
    }
    if (targets.check(request.url()) instanceof Targets.Checked.Refused refused) {
      throw Refusal.of(422, "target_refused", "The URL cannot be used: " + refused.reason() + ".")
          .raise();
    }
    Caller caller = Caller.of(identity);
    String tenant = tenant();
    // What is remembered is which webhook was made, never its secret.
    Webhook made =
        transactions.run(
            tx ->
                shown(
                    tx,
                    idempotency
                        .once(
                            tx,
                            caller,
                            "POST /v1/webhooks",
                            key,
                            request,
                            () -> new Idempotency.Answer(201, create(tx, tenant, request)))
                        .body()));
    return Response.status(201).entity(made).build();
  }

  /** A webhook with its secret, for whoever made it just now. */
  private Webhook shown(Tx tx, String id) {
    return tx.one("select * from webhook where id = $1", id)
        .map(row -> webhook(row, sealing.open(id, row.getBuffer("sealed")).reveal()))
        .orElseThrow(() -> Refusal.notFound("webhook").raise());
  }

  private String create(Tx tx, String tenant, Webhook.Request request) {
    long count =
        tx.one("select count(*) from webhook where tenant_id = $1", tenant)
            .orElseThrow()
            .getLong(0);
    if (count >= config.mostPerTenant()) {
      throw Refusal.conflict("too_many_webhooks", "Delete one first.").raise();
    }
    String id = ids.next(IdKind.WEBHOOK);
    List<String> events =
        request.events().isEmpty()
            ? Announcements.TYPES.stream().sorted().toList()
            : request.events();
    tx.change(
        "insert into webhook (id, tenant_id, url, events, sealed) values ($1, $2, $3, $4, $5)",
        id,
        tenant,
        request.url(),
        events.toArray(String[]::new),
        sealing.seal(id, Signature.newSecret(random)));
    return id;
  }

  /** Takes a webhook away, with its log. */
  @DELETE
  @Path("v1/webhooks/{id}")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "deleteWebhook", summary = "Delete a webhook")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(responseCode = "404", description = "No such webhook")
  public void delete(String id) {
    String tenant = tenant();
    if (transactions.run(
            tx -> tx.change("delete from webhook where id = $1 and tenant_id = $2", id, tenant))
        == 0) {
      throw Refusal.notFound("webhook").raise();
    }
  }

  /** A new secret; the old one signs too for a day. */
  @POST
  @Path("v1/webhooks/{id}/secret")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(
      operationId = "rotateWebhookSecret",
      summary = "Make a new secret; for a day messages carry both signatures")
  @APIResponse(
      responseCode = "200",
      description = "The webhook with its new secret",
      content = @Content(schema = @Schema(implementation = Webhook.class)))
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(responseCode = "404", description = "No such webhook")
  public Response rotate(String id, @HeaderParam("Idempotency-Key") String once) {
    Caller caller = Caller.of(identity);
    String tenant = tenant();
    Idempotency.Answer answer =
        transactions.run(
            tx ->
                idempotency.onceIfAsked(
                    tx,
                    caller,
                    "POST /v1/webhooks/" + id + "/secret",
                    once,
                    Map.of(),
                    () -> new Idempotency.Answer(200, rotated(tx, id, tenant))));
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  private String rotated(Tx tx, String id, String tenant) {
    Secret secret = Signature.newSecret(random);
    Webhook shown =
        tx.one(
                "update webhook set old_sealed = sealed, old_secret_until = $3, sealed = $4"
                    + " where id = $1 and tenant_id = $2 returning *",
                id,
                tenant,
                clock.instant().plus(OVERLAP).atOffset(ZoneOffset.UTC),
                sealing.seal(id, secret))
            .map(row -> webhook(row, secret.reveal()))
            .orElseThrow(() -> Refusal.notFound("webhook").raise());
    return write(shown);
  }

  private static String write(Webhook webhook) {
    return Json.write(webhook);
  }

  /** A message to try it with. */
  @POST
  @Path("v1/webhooks/{id}/test")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "testWebhook", summary = "Send a test message")
  @APIResponse(responseCode = "202", description = "It will be sent")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(responseCode = "404", description = "No such webhook")
  @APIResponse(responseCode = "429", description = "Too many in this minute")
  public Response test(String id) {
    String tenant = tenant();
    String message = ids.next(IdKind.EVENT);
    requireFew(tenant);
    int sent =
        transactions.run(
            tx ->
                tx.change(
                    "insert into webhook_delivery (webhook_id, message_id, type, payload)"
                        + " select id, $3, 'test', $4 from webhook where id = $1 and tenant_id = $2",
                    id,
                    tenant,
                    "msg_" + message,
                    Announcements.payload("test", clock.instant(), "{}")));
    if (sent == 0) {
      throw Refusal.notFound("webhook").raise();
    }
    return Response.accepted().build();
  }

  /** Test messages go to addresses that the tenant chooses, so they are few. */
  private void requireFew(String tenant) {
    long sent =
        transactions.run(
            tx ->
                tx.one(
                        "select count(*) from webhook_delivery d join webhook w on w.id = d.webhook_id"
                            + " where w.tenant_id = $1 and d.type = 'test' and d.created_at > $2",
                        tenant,
                        clock.instant().minusSeconds(60).atOffset(ZoneOffset.UTC))
                    .orElseThrow()
                    .getLong(0));
    if (sent >= config.testsPerMinute()) {
      throw new Refusal(
              429,
              "too_many_tests",
              "A tenant may send " + config.testsPerMinute() + " test messages a minute.",
              List.of("webhook-tests"),
              Optional.of(60L))
          .raise();
    }
  }

  /** The delivery log. */
  @GET
  @Path("v1/webhooks/{id}/deliveries")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "listDeliveries", summary = "What was sent to a webhook, newest first")
  @APIResponse(responseCode = "200", description = "The deliveries")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(responseCode = "404", description = "No such webhook")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Webhook.Delivery.Page deliveries(
      String id, @QueryParam("limit") Integer limit, @QueryParam("cursor") Long cursor) {
    String tenant = tenant();
    int most = UsageQuestion.limit(limit);
    List<Row> rows =
        transactions.run(
            tx -> {
              if (tx.one("select 1 from webhook where id = $1 and tenant_id = $2", id, tenant)
                  .isEmpty()) {
                throw Refusal.notFound("webhook").raise();
              }
              return tx.query(
                  "select * from webhook_delivery where webhook_id = $1 and ($2::int8 is null or id < $2)"
                      + " order by id desc limit $3",
                  id,
                  cursor,
                  most + 1);
            });
    List<Webhook.Delivery> shown =
        rows.stream().limit(most).map(WebhookResource::delivery).toList();
    return new Webhook.Delivery.Page(
        shown, rows.size() > most ? Long.toString(shown.getLast().id()) : null);
  }

  private static Webhook.Delivery delivery(Row row) {
    return new Webhook.Delivery(
        row.getLong("id"),
        row.getString("message_id"),
        row.getString("type"),
        row.getString("state"),
        row.getInteger("attempts"),
        row.getInteger("last_status"),
        row.getString("last_error"),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("next_at").toInstant(),
        Optional.ofNullable(row.getOffsetDateTime("delivered_at"))
            .map(OffsetDateTime::toInstant)
            .map(Instant.class::cast)
            .orElse(null));
  }

  /** Sends a message again, with the same id. */
  @POST
  @Path("v1/webhooks/{id}/deliveries/{delivery}/resend")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "resendDelivery", summary = "Send a message again, under its id")
  @APIResponse(responseCode = "202", description = "It will be sent")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(responseCode = "404", description = "No such delivery")
  public Response resend(String id, String delivery) {
    String tenant = tenant();
    int found =
        delivery.matches("[0-9]{1,18}")
            ? transactions.run(
                tx ->
                    tx.change(
                        """
                        update webhook_delivery d set state = 'waiting', attempts = 0, next_at = $4 from webhook w
                        where d.id = $3 and d.webhook_id = $1 and w.id = $1 and w.tenant_id = $2""",
                        id,
                        tenant,
                        Long.valueOf(delivery),
                        clock.instant().atOffset(ZoneOffset.UTC)))
            : 0;
    if (found == 0) {
      throw Refusal.notFound("delivery").raise();
    }
    return Response.accepted().build();
  }
}
