package io.naap.metering.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.identity.Role;
import io.naap.contracts.identity.TenantDirectory;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.problem.UnreadableJson;
import io.naap.metering.usage.CloudEvent;
import io.naap.store.Transactions;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Usage taken by HTTP, and what a person has to put right. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class IntakeResource {
  private static final int MAX_EVENTS = 1_000;
  private static final int MAX_LIMIT = 100;

  private final CloudEvents cloudEvents;
  private final Repairs repairs;
  private final Transactions transactions;
  private final ObjectMapper mapper;
  private final TenantDirectory tenants;
  private final SecurityIdentity identity;

  IntakeResource(
      CloudEvents cloudEvents,
      Repairs repairs,
      Transactions transactions,
      ObjectMapper mapper,
      TenantDirectory tenants,
      SecurityIdentity identity) {
    this.cloudEvents = cloudEvents;
    this.repairs = repairs;
    this.transactions = transactions;
    this.mapper = mapper;
    this.tenants = tenants;
    this.identity = identity;
  }

  /** Usage of jobs that passed no router. */
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

  /** Usage of a tenant that does not exist would be nobody's: it is refused, event by event. */
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

  /**
   * An event that waits for a person.
   *
   * @param payload the whole event
   */
  public record QuarantinedEvent(
      String eventId,
      Instant receivedAt,
      String tenantId,
      String keyId,
      String capability,
      String model,
      String plan,
      String reason,
      String payload) {
    /** The oldest first. */
    public record Page(List<QuarantinedEvent> data, String nextCursor) {
      public Page {
        data = List.copyOf(data);
      }
    }
  }

  /** What waits for a person. */
  @GET
  @Path("v1/usage/quarantine")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listQuarantine",
      summary = "Events that could not be rated, oldest first")
  @APIResponse(responseCode = "200", description = "The events")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  public QuarantinedEvent.Page quarantine(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    int most = limit(limit);
    List<Row> rows =
        transactions.run(
            tx ->
                tx.query(
                    """
                    select event_id, received_at, tenant_id, key_id, capability, model, plan, reason, payload
                    from usage_event where state = 'quarantined' and event_id > $1 order by event_id limit $2""",
                    cursor == null ? "" : cursor,
                    most + 1));
    List<QuarantinedEvent> shown =
        rows.stream()
            .limit(most)
            .map(
                row ->
                    new QuarantinedEvent(
                        row.getString("event_id"),
                        row.getOffsetDateTime("received_at").toInstant(),
                        row.getString("tenant_id"),
                        row.getString("key_id"),
                        row.getString("capability"),
                        row.getString("model"),
                        row.getString("plan"),
                        row.getString("reason"),
                        row.getString("payload")))
            .toList();
    return new QuarantinedEvent.Page(shown, rows.size() > most ? shown.getLast().eventId() : null);
  }

  private static int limit(Integer limit) {
    int given = limit == null ? 20 : limit;
    if (given < 1 || given > MAX_LIMIT) {
      throw Refusal.invalid("limit is between 1 and 100").raise();
    }
    return given;
  }

  /** Rates a quarantined event again. */
  @POST
  @Path("v1/usage/quarantine/{id}/replay")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "replayQuarantined",
      summary = "Put a quarantined event right and rate it again (operator)")
  @APIResponse(responseCode = "200", description = "What became of it")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such quarantined event")
  public RepairRequest.Repaired replay(String id, RepairRequest patch) {
    return repairs.replay(id, patch == null ? RepairRequest.none() : patch);
  }

  /** What was right instead; no units when nothing was. */
  public record Correction(Optional<Units> units) {
    public Correction {
      units = units == null ? Optional.empty() : units;
    }
  }

  /** Takes an event back. */
  @POST
  @Path("v1/usage/events/{id}/correction")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "correctUsageEvent",
      summary =
          "Take an event back, and replace it where units are given; both are kept (operator)")
  @APIResponse(responseCode = "200", description = "What became of it")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such event")
  @APIResponse(responseCode = "409", description = "Corrected already, or never counted")
  @APIResponse(responseCode = "422", description = "Invalid")
  public RepairRequest.Repaired correct(String id, Correction correction) {
    if (correction == null) {
      throw Refusal.invalid("Send a body, with units where something was right.").raise();
    }
    return repairs.correct(id, correction.units());
  }

  /**
   * An entry of a stream that could not be stored.
   *
   * @param payload as it arrived
   * @param resolution {@code replayed} or {@code dismissed}; absent while it waits for a person
   * @param note the event it became, or why it is none
   */
  public record DeadLetter(
      String stream,
      String entryId,
      String payload,
      String reason,
      Instant arrivedAt,
      Optional<String> resolution,
      Optional<Instant> resolvedAt,
      Optional<String> resolvedBy,
      Optional<String> note) {
    /** The newest first. */
    public record Page(List<DeadLetter> data, String nextCursor) {
      public Page {
        data = List.copyOf(data);
      }
    }
  }

  /**
   * Positions of a router's spool that its usage is missing from.
   *
   * @param reason {@code unreadable}, {@code unclosed} or {@code forgotten}, see the README
   * @param foundAt by the router's clock
   */
  public record MissingUsage(
      String instance,
      long missingFrom,
      long missingTo,
      String reason,
      Instant foundAt,
      Instant receivedAt) {}

  /** The newest first. */
  public record MissingUsagePage(List<MissingUsage> data, String nextCursor) {
    public MissingUsagePage {
      data = List.copyOf(data);
    }
  }

  /** What routers have declared missing. */
  @GET
  @Path("v1/usage/missing")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listMissingUsage",
      summary = "Positions of routers' spools whose usage is missing, newest first")
  @APIResponse(responseCode = "200", description = "The ranges")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  public MissingUsagePage missing(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    int most = limit(limit);
    List<Row> rows =
        transactions.run(
            tx ->
                tx.query(
                    """
                    select id, instance, missing_from, missing_to, reason, found_at, received_at
                    from usage_missing where id < $1 order by id desc limit $2""",
                    below(cursor),
                    most + 1));
    List<MissingUsage> shown =
        rows.stream()
            .limit(most)
            .map(
                row ->
                    new MissingUsage(
                        row.getString("instance"),
                        row.getLong("missing_from"),
                        row.getLong("missing_to"),
                        row.getString("reason"),
                        row.getOffsetDateTime("found_at").toInstant(),
                        row.getOffsetDateTime("received_at").toInstant()))
            .toList();
    return new MissingUsagePage(
        shown, rows.size() > most ? rows.get(most - 1).getLong("id").toString() : null);
  }

  private static long below(String cursor) {
    try {
      return cursor == null ? Long.MAX_VALUE : Long.parseLong(cursor);
    } catch (NumberFormatException other) {
      throw Refusal.invalid("cursor must be the next_cursor of the page before").raise();
    }
  }
}
