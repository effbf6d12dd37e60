package io.naap.metering.invoice;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.metering.usage.ReadableTenant;
import io.naap.metering.usage.UsageQuestion;
import io.naap.store.Transactions;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.outbox.Outbox;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for invoices and credit notes. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class InvoiceResource {
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

  private final Invoices invoices;
  private final Verification verification;
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final Outbox outbox;
  private final Clock clock;
  private final SecurityIdentity identity;
  private final InvoicePdfs pdfs;

  InvoiceResource(
      Invoices invoices,
      Verification verification,
      Transactions transactions,
      Idempotency idempotency,
      Outbox outbox,
      Clock clock,
      SecurityIdentity identity,
      InvoicePdfs pdfs) {
    this.invoices = invoices;
    this.verification = verification;
    this.transactions = transactions;
    this.idempotency = idempotency;
    this.outbox = outbox;
    this.clock = clock;
    this.identity = identity;
    this.pdfs = pdfs;
  }

  /** Lists final invoices and credit notes, newest first. */
  @GET
  @Path("v1/invoices")
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
      operationId = "listInvoices",
      summary = "Final invoices and credit notes, newest first")
  @APIResponse(responseCode = "200", description = "The invoices")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<Invoice> list(
      @QueryParam("tenant_id") String tenantId,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(UsageQuestion.SIZES, limit, cursor, 1);
    return Page.of(
        invoices.page(
            ReadableTenant.tenant(Caller.of(identity), tenantId),
            page.afterId(IdKind.INVOICE),
            page.oneMore()),
        page.size(),
        invoice -> Cursor.of(invoice.id()));
  }

  /**
   * Computes the invoice of the current period, or of the one at a given time, from the usage so
   * far.
   */
  @GET
  @Path("v1/invoices/draft")
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
      operationId = "getDraftInvoice",
      summary = "What the current period, or another, comes to by what is known now")
  @APIResponse(responseCode = "200", description = "The draft")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Invoice draft(@QueryParam("tenant_id") String tenantId, @QueryParam("at") String at) {
    return invoices.draft(
        ReadableTenant.oneTenant(Caller.of(identity), tenantId),
        at == null ? clock.instant() : instant(at));
  }

  private static Instant instant(String text) {
    try {
      Instant at = Instant.parse(text);
      if (at.isBefore(EARLIEST) || at.isAfter(LATEST)) {
        throw Refusal.invalid("at is out of range.").raise();
      }
      return at;
    } catch (DateTimeException unreadable) {
      throw Refusal.invalid("at is an instant such as 2026-11-23T10:00:00Z.").raise();
    }
  }

  /** Returns one invoice. */
  @GET
  @Path("v1/invoices/{id}")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getInvoice", summary = "One invoice")
  @APIResponse(responseCode = "200", description = "The invoice")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such invoice")
  public Invoice get(String id) {
    Caller caller = Caller.of(identity);
    return invoices
        .find(id)
        .filter(invoice -> caller.mayRead(invoice.tenantId()))
        .orElseThrow(() -> Refusal.notFound("invoice").raise());
  }

  /** Returns one invoice as PDF. */
  @GET
  @Path("v1/invoices/{id}/pdf")
  @Produces("application/pdf")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "getInvoicePdf", summary = "One invoice as PDF")
  @APIResponse(responseCode = "200", description = "The PDF")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such invoice")
  public Response pdf(String id) {
    Invoice invoice = get(id);
    byte[] pdf =
        pdfs.of(invoice)
            .orElseThrow(
                () ->
                    Refusal.unavailable("Too many documents are written now; try again.").raise());
    return Response.ok(pdf, "application/pdf")
        .header(
            "Content-Disposition",
            "inline; filename=\""
                + invoice.number().orElse("draft").replaceAll("[^A-Za-z0-9-]", "_")
                + ".pdf\"")
        .build();
  }

  /** Computes an invoice again from its usage events and reports differences. */
  @GET
  @Path("v1/invoices/{id}/verification")
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
      operationId = "verifyInvoice",
      summary = "Compute an invoice again from its raw events, to the nano-dollar")
  @APIResponse(responseCode = "200", description = "Whether it agrees, and where not")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "No such invoice")
  public Verification.Report verify(String id) {
    return verification.of(get(id));
  }

  /** A request for a credit note. */
  public record CreditNoteRequest(NanoUsd amount, String reason) {}

  /** Credits a part of an invoice by a credit note. */
  @POST
  @Path("v1/invoices/{id}/credit-notes")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "createCreditNote",
      summary = "Give back a part of an invoice (operator)")
  @APIResponse(
      responseCode = "201",
      description = "The credit note",
      content = @Content(schema = @Schema(implementation = Invoice.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such invoice")
  @APIResponse(responseCode = "409", description = "Void, or the first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response credit(
      String id, @HeaderParam("Idempotency-Key") String key, CreditNoteRequest request) {
    if (request == null
        || request.amount() == null
        || request.reason() == null
        || request.reason().isBlank()
        || request.reason().length() > 200) {
      throw Refusal.invalid("Send amount, and reason of 1 to 200 characters.").raise();
    }
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        transactions.run(
            tx ->
                idempotency.once(
                    tx,
                    caller,
                    "POST /v1/invoices/" + id + "/credit-notes",
                    key,
                    request,
                    () ->
                        new Idempotency.Answer(
                            201,
                            PeriodClosing.text(
                                invoices.credit(tx, id, request.amount(), request.reason())))));
    outbox.poke();
    return Response.status(answer.status()).entity(answer.body()).build();
  }

  /** Voids an unpaid invoice by a credit note over its open amount. */
  @POST
  @Path("v1/invoices/{id}/void")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "voidInvoice",
      summary = "Void an unpaid invoice, by a credit note over what is open (operator)")
  @APIResponse(responseCode = "200", description = "Void")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such invoice")
  @APIResponse(responseCode = "409", description = "Not open")
  public Invoice cancel(String id) {
    return end(id, "void");
  }

  /** Marks an invoice as uncollectible. */
  @POST
  @Path("v1/invoices/{id}/uncollectible")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "writeOffInvoice",
      summary = "Note that an invoice will not be paid (operator)")
  @APIResponse(responseCode = "200", description = "Noted")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such invoice")
  @APIResponse(responseCode = "409", description = "Not open")
  public Invoice writeOff(String id) {
    return end(id, "uncollectible");
  }

  private Invoice end(String id, String status) {
    Invoice ended = transactions.run(tx -> invoices.end(tx, id, status));
    outbox.poke();
    return ended;
  }
}
