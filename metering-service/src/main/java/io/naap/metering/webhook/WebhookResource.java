package io.naap.metering.webhook;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.usage.UsageQuestion;
import io.naap.store.Transactions;
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
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for a tenant's webhooks and their delivery log. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class WebhookResource {
  private final Webhooks webhooks;
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final WebhookConfig config;
  private final SecurityIdentity identity;
  private final Targets targets;

  WebhookResource(
      Webhooks webhooks,
      Transactions transactions,
      Idempotency idempotency,
      WebhookConfig config,
      Targets.Resolver resolver,
      SecurityIdentity identity) {
    this.webhooks = webhooks;
    this.transactions = transactions;
    this.idempotency = idempotency;
    this.config = config;
    this.identity = identity;
    this.targets = new Targets(config.allowPrivateTargets(), resolver);
  }

  /** Lists the tenant's webhooks, without their secrets. */
  @GET
  @Path("v1/webhooks")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "listWebhooks", summary = "The tenant's webhooks")
  @APIResponse(responseCode = "200", description = "The webhooks, without their secrets")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  public Page<Webhook> list() {
    String tenant = tenant();
    return Page.whole(transactions.run(tx -> webhooks.list(tx, tenant)));
  }

  private String tenant() {
    return Caller.of(identity).tenantId().orElseThrow(() -> Refusal.notFound("tenant").raise());
  }

  /** Creates a webhook and returns it with its secret, which no later read returns. */
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
    // The idempotency record holds the id of the new webhook, never its secret.
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

  private Webhook shown(Tx tx, String id) {
    return webhooks.withSecret(tx, id).orElseThrow(WebhookResource::noWebhook);
  }

  private static Refusal.RefusedException noWebhook() {
    return Refusal.notFound("webhook").raise();
  }

  private String create(Tx tx, String tenant, Webhook.Request request) {
    return webhooks
        .create(tx, tenant, request)
        .orElseThrow(() -> Refusal.conflict("too_many_webhooks", "Delete one first.").raise());
  }

  /** Deletes a webhook and its delivery log. */
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
    if (!transactions.run(tx -> webhooks.delete(tx, id, tenant))) {
      throw noWebhook();
    }
  }

  /** Replaces a webhook's secret; for a day messages carry signatures of both secrets. */
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
    return write(webhooks.rotate(tx, id, tenant).orElseThrow(WebhookResource::noWebhook));
  }

  private static String write(Webhook webhook) {
    return Json.write(webhook);
  }

  /** Queues a test message to a webhook. */
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
    return switch (transactions.run(tx -> webhooks.test(tx, id, tenant))) {
      case QUEUED -> Response.accepted().build();
      case NO_WEBHOOK -> throw noWebhook();
      case TOO_MANY ->
          throw new Refusal(
                  429,
                  "too_many_tests",
                  "A tenant may send " + config.testsPerMinute() + " test messages a minute.",
                  List.of("webhook-tests"),
                  Optional.of(60L))
              .raise();
    };
  }

  /** Lists what was sent to a webhook, newest first. */
  @GET
  @Path("v1/webhooks/{id}/deliveries")
  @RolesAllowed({Role.OWNER_NAME, Role.ADMIN_NAME})
  @Operation(operationId = "listDeliveries", summary = "What was sent to a webhook, newest first")
  @APIResponse(responseCode = "200", description = "The deliveries")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither owner nor admin")
  @APIResponse(responseCode = "404", description = "No such webhook")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<Webhook.Delivery> deliveries(
      String id, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    String tenant = tenant();
    PageRequest page = PageRequest.of(UsageQuestion.SIZES, limit, cursor, 1);
    return transactions
        .run(tx -> webhooks.deliveries(tx, id, tenant, page))
        .orElseThrow(WebhookResource::noWebhook);
  }

  /** Queues a message again, under the same message id. */
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
    if (!delivery.matches("[0-9]{1,18}")
        || !transactions.run(tx -> webhooks.resend(tx, id, tenant, Long.parseLong(delivery)))) {
      throw Refusal.notFound("delivery").raise();
    }
    return Response.accepted().build();
  }
}
