package io.naap.metering.cost;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
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

/** HTTP endpoints for the cost book and for margins. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class CostResource {
  private static final int MAX_DAYS = 366;
  private static final PageRequest.Sizes MARGIN_ROWS = new PageRequest.Sizes(1_000, 20_000);

  private final CostBook book;
  private final Margins margins;
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final SecurityIdentity identity;
  private final Clock clock;

  CostResource(
      CostBook book,
      Margins margins,
      Transactions transactions,
      Idempotency idempotency,
      SecurityIdentity identity,
      Clock clock) {
    this.idempotency = idempotency;
    this.identity = identity;
    this.book = book;
    this.margins = margins;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** A request for a new version of the cost book; in force from now on when no time is given. */
  public record BookRequest(List<CostBook.Entry> entries, Optional<Instant> effectiveFrom) {
    public BookRequest {
      entries = entries == null ? List.of() : List.copyOf(entries);
      effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
    }
  }

  /** Lists every version of the cost book. */
  @GET
  @Path("v1/prices/cost-book")
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(operationId = "getCostBook", summary = "What jobs cost the operator, every version")
  @APIResponse(responseCode = "200", description = "The versions, newest first")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  public Page<CostBook.Version> versions() {
    return Page.whole(transactions.run(book::versions));
  }

  /** Adds a version to the cost book. */
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

  /** Returns revenue, network cost and margin by day and capability. */
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
  public Page<Margins.Margin> margin(
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(MARGIN_ROWS, limit, cursor, 2);
    LocalDate end = to == null ? today().plusDays(1) : day("to", to);
    LocalDate start = from == null ? end.minusDays(30) : day("from", from);
    if (!start.isBefore(end) || start.plusDays(MAX_DAYS).isBefore(end)) {
      throw Refusal.invalid("from is before to, and at most 366 days.").raise();
    }
    return margins.between(start, end, page);
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
