package io.naap.metering.usage;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.plan.PlanVersions;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for one usage event and the computation of its price. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class EventResource {
  private final StoredEvents events;
  private final PlanVersions plans;
  private final SecurityIdentity identity;

  EventResource(StoredEvents events, PlanVersions plans, SecurityIdentity identity) {
    this.events = events;
    this.plans = plans;
    this.identity = identity;
  }

  /** Returns one usage event. */
  @GET
  @Path("v1/usage/events/{id}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getUsageEvent", summary = "One event")
  @APIResponse(responseCode = "200", description = "The event")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such event")
  public UsageEventView get(String id) {
    return find(id).view();
  }

  /** Computes the price of an event again and returns each charge's part. */
  @GET
  @Path("v1/usage/events/{id}/explanation")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "explainUsageEvent", summary = "Why an event costs what it costs")
  @APIResponse(responseCode = "200", description = "Each charge's part, computed again")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such event, or no such plan")
  public Explanation explain(String id) {
    StoredEvents.Event event = find(id);
    return Explanation.of(
        event,
        plans
            .version(event.view().billing().plan())
            .orElseThrow(() -> Refusal.notFound("plan version").raise()));
  }

  private StoredEvents.Event find(String id) {
    Caller caller = Caller.of(identity);
    return events
        .find(id)
        .filter(event -> caller.mayRead(event.view().who().tenantId()))
        .map(
            event ->
                caller.readsAllTenants()
                    ? event
                    : new StoredEvents.Event(event.view().withoutNetworkCost(), event.position()))
        .orElseThrow(() -> Refusal.notFound("event").raise());
  }
}
