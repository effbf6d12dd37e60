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
import jakarta.ws.rs.core.Response;
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

  private static final Duration MAX_RANGE = Duration.ofDays(92);
  private static final String CSV = "text/csv";

  private final Reconciliation reconciliation;
  private final DailyReconciliation daily;
  private final Clock clock;

  ReconciliationResource(Reconciliation reconciliation, DailyReconciliation daily, Clock clock) {
    this.reconciliation = reconciliation;
    this.daily = daily;
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

  /** Per tenant, capability, pool and day, for people and for spreadsheets. */
  @GET
  @Path("/days")
  @Produces({MediaType.APPLICATION_JSON, CSV})
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "getReconciliationByDay",
      summary =
          "Revenue, cost, margin and what is left over, by day; also as CSV (operator, support)")
  @APIResponse(responseCode = "200", description = "The report; text/csv when that is accepted")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid, or more than 92 days")
  @SecurityRequirement(name = "SecurityScheme")
  public Response days(
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("format") String format) {
    Instant end =
        to == null
            ? clock.instant().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS)
            : instant("to", to);
    Instant begin = from == null ? end.minus(DEFAULT_RANGE) : instant("from", from);
    if (!begin.isBefore(end) || Duration.between(begin, end).compareTo(MAX_RANGE) > 0) {
      throw Refusal.invalid("from must be before to, by at most 92 days").raise();
    }
    ReconciliationReport.Days report = daily.report(begin, end);
    return "csv".equals(format)
        ? Response.ok(csv(report), CSV)
            .header("Content-Disposition", "attachment; filename=reconciliation.csv")
            .build()
        : Response.ok(report, MediaType.APPLICATION_JSON).build();
  }

  /** Rows first, then the differences, so that a sum over the file is the sum of the books. */
  private static String csv(ReconciliationReport.Days report) {
    StringBuilder csv =
        new StringBuilder(
            "day,tenant,capability,pool,revenue_usd,sponsored_usd,network_cost_wei,network_cost_usd,margin_usd\n");
    for (ReconciliationReport.Daily row : report.data()) {
      csv.append(
          String.join(
              ",",
              row.day(),
              row.tenantId(),
              cell(row.capability()),
              cell(row.pool()),
              row.money().revenue().toString(),
              row.money().sponsored().toString(),
              row.money().networkCost().value().toString(),
              row.money().networkCostUsd().toString(),
              row.money().margin().toString()));
      csv.append('\n');
    }
    for (ReconciliationReport.Difference difference : report.differences()) {
      csv.append(cell("difference: " + difference.name()))
          .append(",,,,")
          .append(cell(difference.amount() + " " + difference.currency()))
          .append('\n');
    }
    return csv.toString();
  }

  /** Quoted, and never a formula. */
  private static String cell(String text) {
    String plain = text.matches("[=+@\\-\t].*") ? "'" + text : text;
    return plain.matches("[A-Za-z0-9 ._:/-]*") ? plain : '"' + plain.replace("\"", "\"\"") + '"';
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
