package io.naap.metering.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.problem.UnreadableJson;
import io.naap.metering.usage.CloudEvent;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoint that takes usage of jobs that no router served. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class IntakeResource {
  private static final int MAX_EVENTS = 1_000;

  private final CloudEvents cloudEvents;
  private final ObjectMapper mapper;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;

  IntakeResource(
      CloudEvents cloudEvents,
      ObjectMapper mapper,
      TenantDirectory tenants,
      SecurityIdentity identity) {
    this.cloudEvents = cloudEvents;
    this.mapper = mapper;
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Stores one CloudEvent, or an array of up to 1000. */
  @POST
  @Path("v1/usage/events")
  @Consumes({
    MediaType.APPLICATION_JSON,
    "application/cloudevents+json",
    "application/cloudevents-batch+json"
  })
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "recordUsage",
      summary =
          "Record usage as CloudEvents, one or a batch; the same source and id counts once (operator)")
  @APIResponse(responseCode = "200", description = "What became of each event")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "422", description = "Not CloudEvents, or too many")
  public TakenEvents record(String body) {
    List<CloudEvent> events;
    try {
      events = events(body);
    } catch (JsonProcessingException unreadable) {
      throw Refusal.invalid("Not a CloudEvent: " + UnreadableJson.whatToChange(unreadable)).raise();
    }
    if (events.isEmpty() || events.size() > MAX_EVENTS) {
      throw Refusal.invalid("Send one CloudEvent, or an array of at most 1000.").raise();
    }
    return cloudEvents.take(events, unknownTenants(events));
  }

  /** The tenants among the events that do not exist; their events are refused one by one. */
  private Set<String> unknownTenants(List<CloudEvent> events) {
    return events.stream()
        .map(CloudEvent::subject)
        .filter(IdKind.TENANT::matches)
        .distinct()
        .filter(tenant -> !tenants.exists(identity, tenant))
        .collect(Collectors.toSet());
  }

  private List<CloudEvent> events(String body) throws JsonProcessingException {
    JsonNode tree = mapper.readTree(body == null ? "" : body);
    List<CloudEvent> events = new ArrayList<>();
    if (tree.isObject()) {
      events.add(mapper.treeToValue(tree, CloudEvent.class));
    } else if (tree.isArray() && tree.size() <= MAX_EVENTS) {
      for (JsonNode one : tree) {
        events.add(mapper.treeToValue(one, CloudEvent.class));
      }
    }
    return events;
  }
}
