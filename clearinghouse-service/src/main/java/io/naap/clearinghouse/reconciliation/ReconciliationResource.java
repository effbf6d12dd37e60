package io.naap.clearinghouse.reconciliation;

import io.naap.contracts.identity.Role;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** Revenue, network cost and margin. */
@Path("/v1/reconciliation")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ReconciliationResource {
  private static final Duration DEFAULT_RANGE = Duration.ofDays(30);
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;

  private final Reconciliation reconciliation;
  private final Clock clock;

  ReconciliationResource(Reconciliation reconciliation, Clock clock) {
    this.reconciliation = reconciliation;
    this.clock = clock;
  }

  /** Per tenant and capability. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "getReconciliation",
      summary = "Revenue, network cost and margin per tenant and capability (operator, support)")
  @APIResponse(responseCode = "200", description = "The report")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  @SecurityRequirement(name = "SecurityScheme")
  public ReconciliationReport report(
      @QueryParam("tenant_id") String tenantId,
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    Instant end =
        to == null
            ? clock.instant().truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES)
            : instant("to", to);
    Instant begin = from == null ? end.minus(DEFAULT_RANGE) : instant("from", from);
    if (!begin.isBefore(end)) {
      throw Refusal.invalid("from must be before to").raise();
    }
    int size = limit == null ? DEFAULT_LIMIT : limit;
    if (size < 1 || size > MAX_LIMIT) {
      throw Refusal.invalid("limit is between 1 and 100").raise();
    }
    return reconciliation.report(begin, end, Optional.ofNullable(tenantId), size, offset(cursor));
  }

  private static Instant instant(String name, String text) {
    try {
      Instant instant = Instant.parse(text.length() == 10 ? text + "T00:00:00Z" : text);
      if (instant.isBefore(Instant.EPOCH) || instant.isAfter(LATEST)) {
        throw Refusal.invalid(name + " is out of range").raise();
      }
      return instant;
    } catch (DateTimeException unreadable) {
      throw Refusal.invalid(
              name + " is a day such as 2026-11-23 or an instant such as 2026-11-23T10:00:00Z")
          .raise();
    }
  }

  private static int offset(String cursor) {
    if (cursor == null) {
      return 0;
    }
    if (!cursor.matches("o[0-9]{1,7}")) {
      throw Refusal.invalid("cursor must be the next_cursor of the page before").raise();
    }
    return Integer.parseInt(cursor.substring(1));
  }
}
