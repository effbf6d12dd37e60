package io.naap.metering.cost;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import io.naap.contracts.problem.Refusal;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.idempotency.Idempotency;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** What the network costs the operator, and what is left. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class CostResource {
  private static final int MAX_DAYS = 366;

  private final CostBook book;
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final SecurityIdentity identity;
  private final Clock clock;

  CostResource(
      CostBook book,
      Transactions transactions,
      Idempotency idempotency,
      SecurityIdentity identity,
      Clock clock) {
    this.idempotency = idempotency;
    this.identity = identity;
    this.book = book;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** All versions, the newest first. */
  public record BookPage(List<CostBook.Version> data, String nextCursor) {
    public BookPage {
      data = List.copyOf(data);
    }
  }

  /** A new version; in force now when no time is given. */
  public record BookRequest(List<CostBook.Entry> entries, Optional<Instant> effectiveFrom) {
    public BookRequest {
      entries = entries == null ? List.of() : List.copyOf(entries);
      effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
    }
  }

  /** The cost book. */
  @GET
  @Path("v1/prices/cost-book")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(operationId = "getCostBook", summary = "What jobs cost the operator, every version")
  @APIResponse(responseCode = "200", description = "The versions, newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  public BookPage versions() {
    return new BookPage(transactions.run(book::versions), null);
  }

  /** A new version. */
  @POST
  @Path("v1/prices/cost-book")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "addCostBookVersion",
      summary = "Add a version of the cost book (operator)")
  @APIResponse(
      responseCode = "200",
      description = "Added",
      content = @Content(schema = @Schema(implementation = CostBook.Version.class)))
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response add(@HeaderParam("Idempotency-Key") String once, BookRequest request) {
    if (request == null || request.entries().isEmpty()) {
      throw Refusal.invalid("entries has at least one charge.").raise();
    }
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        transactions.run(
            tx ->
                idempotency.onceIfAsked(
                    tx,
                    caller,
                    "POST /v1/prices/cost-book",
                    once,
                    request,
                    () -> new Idempotency.Answer(200, added(tx, request))));
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  private String added(Tx tx, BookRequest request) {
    CostBook.Version version =
        book.add(
            tx,
            new CostBook.Entries(request.entries()),
            request.effectiveFrom().orElse(clock.instant()).truncatedTo(ChronoUnit.MICROS));
    return write(version);
  }

  private static String write(CostBook.Version version) {
    return Json.write(version);
  }

  /**
   * A day's or capability's result.
   *
   * @param revenue what tenants pay for jobs
   * @param sponsored what sponsors pay
   * @param bookCost by the cost book
   * @param ticketCost by the tickets that were signed, at the rate of their time; absent when no
   *     rate was known
   * @param tickets their expected value
   * @param margin revenue and sponsored without the ticket cost, or without the book cost where
   *     there were no tickets
   */
  public record MarginRow(
      LocalDate day,
      String capability,
      NanoUsd revenue,
      NanoUsd sponsored,
      NanoUsd bookCost,
      Optional<NanoUsd> ticketCost,
      Wei tickets,
      NanoUsd margin) {}

  /** By day and capability. */
  public record MarginPage(List<MarginRow> data, String nextCursor) {
    public MarginPage {
      data = List.copyOf(data);
    }
  }

  /** What is left. */
  @GET
  @Path("v1/usage/margin")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "getMargin",
      summary = "Revenue, network cost and margin by day and capability")
  @APIResponse(responseCode = "200", description = "The rows")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  public MarginPage margin(@QueryParam("from") String from, @QueryParam("to") String to) {
    LocalDate end = to == null ? today().plusDays(1) : day("to", to);
    LocalDate start = from == null ? end.minusDays(30) : day("from", from);
    if (!start.isBefore(end) || start.plusDays(MAX_DAYS).isBefore(end)) {
      throw Refusal.invalid("from is before to, and at most 366 days.").raise();
    }
    return new MarginPage(
        transactions.run(
            tx ->
                tx
                    .query(
                        """
                        with used as (
                          select (bucket at time zone 'UTC')::date as day, capability, sum(cost) as revenue,
                            sum(sponsored) as sponsored, sum(network_cost) as book
                          from usage_rollup where granularity = 'day' and bucket >= $1 and bucket < $2 group by 1, 2
                        ), signed as (
                          select (occurred_at at time zone 'UTC')::date as day, capability, sum(wei) as wei, sum(usd) as usd
                          from network_cost where occurred_at >= $1 and occurred_at < $2 group by 1, 2
                        )
                        select day, capability, coalesce(revenue, 0)::bigint revenue, coalesce(sponsored, 0)::bigint sponsored,
                          coalesce(book, 0)::bigint book, usd::bigint usd, coalesce(wei, 0)::text wei
                        from used full join signed using (day, capability) order by day, capability limit 20000""",
                        start.atStartOfDay().atOffset(ZoneOffset.UTC),
                        end.atStartOfDay().atOffset(ZoneOffset.UTC))
                    .stream()
                    .map(
                        row -> {
                          NanoUsd revenue = NanoUsd.ofNanos(row.getLong("revenue"));
                          NanoUsd sponsored = NanoUsd.ofNanos(row.getLong("sponsored"));
                          NanoUsd cost = NanoUsd.ofNanos(row.getLong("book"));
                          Optional<NanoUsd> tickets =
                              Optional.ofNullable(row.getLong("usd")).map(NanoUsd::ofNanos);
                          return new MarginRow(
                              row.getLocalDate("day"),
                              row.getString("capability"),
                              revenue,
                              sponsored,
                              cost,
                              tickets,
                              new Wei(new BigDecimal(row.getString("wei")).toBigIntegerExact()),
                              revenue.plus(sponsored).minus(tickets.orElse(cost)));
                        })
                    .toList()),
        null);
  }

  private LocalDate today() {
    return clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
  }

  private static LocalDate day(String name, String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException unreadable) {
      throw Refusal.invalid(name + " is a day such as 2026-11-23, in UTC").raise();
    }
  }
}
