package io.naap.metering.correction;

import io.naap.contracts.identity.Role;
import io.naap.contracts.metering.Units;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.usage.UsageQuestion;
import io.naap.metering.watermark.MissingUsage;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/**
 * HTTP endpoints for operators to repair usage: quarantined events, wrong events and usage that
 * routers declared missing.
 */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class CorrectionResource {
  private final Quarantine quarantine;
  private final MissingUsage missing;
  private final Repairs repairs;
  private final Corrections corrections;

  CorrectionResource(
      Quarantine quarantine, MissingUsage missing, Repairs repairs, Corrections corrections) {
    this.quarantine = quarantine;
    this.missing = missing;
    this.repairs = repairs;
    this.corrections = corrections;
  }

  /** Lists the quarantined events. */
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
  public Page<Quarantine.QuarantinedEvent> quarantine(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    return quarantine.list(PageRequest.of(UsageQuestion.SIZES, limit, cursor, 1));
  }

  /** Applies a patch to a quarantined event and rates it again. */
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

  /** The correct units of an event; absent when the event should not have been counted at all. */
  public record Correction(Optional<Units> units) {
    public Correction {
      units = units == null ? Optional.empty() : units;
    }
  }

  /** Reverses an event and, when units are given, stores a replacement with those units. */
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
    return corrections.correct(id, correction.units());
  }

  /** Lists the ranges of spool positions that routers declared missing. */
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
  public Page<MissingUsage.Range> missing(
      @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    return missing.list(PageRequest.of(UsageQuestion.SIZES, limit, cursor, 1));
  }
}
