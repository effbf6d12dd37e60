package io.naap.metering.usage;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.keys.KeyConsumption;
import io.naap.contracts.keys.TenantConsumption;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for sums of usage, usage events and their export. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class UsageResource {
  private final UsageQueries queries;
  private final StoredEvents events;
  private final Clock clock;
  private final SecurityIdentity identity;

  UsageResource(UsageQueries queries, StoredEvents events, Clock clock, SecurityIdentity identity) {
    this.queries = queries;
    this.events = events;
    this.clock = clock;
    this.identity = identity;
  }

  /** Returns sums of usage, grouped and over time. */
  @GET
  @Path("v1/usage")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getUsage", summary = "Usage, grouped and over time")
  @APIResponse(responseCode = "200", description = "The sums")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public UsagePage usage(
      @BeanParam UsageParameters parameters,
      @QueryParam("granularity") String granularity,
      @QueryParam("group_by") String groupBy,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    Instant end = parameters.end(clock);
    return queries.usage(
        new UsageQuestion(
            parameters.start(end),
            end,
            UsageQuestion.granularity(granularity),
            UsageQuestion.groups(groupBy),
            parameters.filters(Caller.of(identity)),
            UsageQuestion.limit(limit),
            Optional.ofNullable(cursor)));
  }

  /** Lists usage events, newest first. */
  @GET
  @Path("v1/usage/events")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listUsageEvents", summary = "The events behind the sums, newest first")
  @APIResponse(responseCode = "200", description = "The events")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<UsageEventView> events(
      @BeanParam UsageParameters parameters,
      @QueryParam("request_id") String requestId,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    Instant end = parameters.end(clock);
    PageRequest page = PageRequest.of(UsageQuestion.SIZES, limit, cursor, 2);
    return shown(
        events.page(
            new UsageQuestion(
                parameters.start(end),
                end,
                UsageQuestion.granularity(null),
                UsageQuestion.groups(null),
                parameters.filters(Caller.of(identity)),
                page.size(),
                Optional.empty()),
            Optional.ofNullable(requestId),
            page.after()
                .map(
                    at ->
                        new StoredEvents.After(at.time(0).atOffset(ZoneOffset.UTC), at.text(1)))));
  }

  private Page<UsageEventView> shown(Page<UsageEventView> page) {
    return Caller.of(identity).readsAllTenants()
        ? page
        : page.map(UsageEventView::withoutNetworkCost);
  }

  /** Returns what a key has used; routers rebuild their quota counters from it. */
  @GET
  @Path("internal/keys/{id}/consumption")
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(operationId = "getKeyConsumption", summary = "What a key has used (services)")
  @APIResponse(responseCode = "200", description = "Today, this month and ever")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not a service")
  @APIResponse(responseCode = "422", description = "Invalid")
  public KeyConsumption consumption(
      @PathParam("id") String keyId, @QueryParam("tenant") String tenantId) {
    if (!IdKind.TENANT.matches(tenantId)) {
      throw Refusal.invalid("tenant must be a tenant's id, ten_...").raise();
    }
    return queries.consumption(tenantId, keyId, clock.instant());
  }

  /** Returns what all keys of a tenant have used; routers rebuild their quota counters from it. */
  @GET
  @Path("internal/tenants/{id}/consumption")
  @RolesAllowed(Role.SERVICE_NAME)
  @Operation(
      operationId = "getTenantConsumption",
      summary = "What all keys of a tenant have used (services)")
  @APIResponse(responseCode = "200", description = "Today, this month and ever")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not a service")
  @APIResponse(responseCode = "422", description = "Invalid")
  public TenantConsumption tenantConsumption(@PathParam("id") String tenantId) {
    if (!IdKind.TENANT.matches(tenantId)) {
      throw Refusal.invalid("the path must name a tenant, ten_...").raise();
    }
    return queries.consumption(tenantId, clock.instant());
  }

  /** Streams every event that matches a query. */
  @GET
  @Path("v1/usage/export")
  @Produces({"text/csv", "application/x-ndjson", "application/cloudevents-batch+json"})
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
      operationId = "exportUsage",
      summary = "Every event as CSV, JSON lines or CloudEvents, newest first, streamed")
  @APIResponse(
      responseCode = "200",
      description = "The events; format is csv, jsonl or cloudevents")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response export(
      @BeanParam UsageParameters parameters, @QueryParam("format") String format) {
    Export.Format written = Export.Format.of(format);
    Instant end = parameters.end(clock);
    UsageQuestion question =
        new UsageQuestion(
            parameters.start(end),
            end,
            UsageQuestion.granularity(null),
            UsageQuestion.groups(null),
            parameters.filters(Caller.of(identity)),
            UsageQuestion.limit(null),
            Optional.empty());
    boolean costs = Caller.of(identity).readsAllTenants();
    StreamingOutput body = out -> new Export(written, costs).write(out, events, question);
    return Response.ok(body, written.mediaType())
        .header("Content-Disposition", "attachment; filename=\"usage." + written.extension() + "\"")
        .build();
  }
}
