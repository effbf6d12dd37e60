package io.naap.metering.plan;

import io.naap.contracts.identity.Role;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Page;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints to read, create and version price books. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class PriceBookResource {
  private final PriceBooks books;
  private final PlanCatalogue catalogue;
  private final OncePosted once;
  private final Clock clock;

  PriceBookResource(PriceBooks books, PlanCatalogue catalogue, OncePosted once, Clock clock) {
    this.books = books;
    this.catalogue = catalogue;
    this.once = once;
    this.clock = clock;
  }

  /** Lists the price books in their newest versions. */
  @GET
  @Path("v1/prices")
  @RolesAllowed({
    Role.OWNER_NAME,
    Role.ADMIN_NAME,
    Role.DEVELOPER_NAME,
    Role.BILLING_NAME,
    Role.VIEWER_NAME,
    Role.OPERATOR_NAME,
    Role.SUPPORT_NAME
  })
  @Operation(operationId = "listPriceBooks", summary = "The price books, in their newest version")
  @APIResponse(responseCode = "200", description = "The books")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  public Page<PriceBook> books() {
    return Page.whole(books.newest());
  }

  /** Creates a price book. */
  @POST
  @Path("v1/prices")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(operationId = "createPriceBook", summary = "Make a price book (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = PriceBook.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response createBook(
      @HeaderParam("Idempotency-Key") String key, PriceBook.Request request) {
    return once.run(key, "POST /v1/prices", request, tx -> write(books.create(tx, request)));
  }

  /** Adds a version to a price book, and a version to every plan that uses the book. */
  @POST
  @Path("v1/prices/{id}/versions")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "addPriceBookVersion",
      summary = "Add a version to a price book and to the plans that use it (operator)")
  @APIResponse(
      responseCode = "201",
      description = "Added",
      content = @Content(schema = @Schema(implementation = PriceBook.class)))
  @APIResponse(responseCode = "400", description = "Malformed, or no Idempotency-Key")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such book")
  @APIResponse(responseCode = "409", description = "The first request is still running")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Response addBookVersion(
      String id, @HeaderParam("Idempotency-Key") String key, PriceBook.Request request) {
    return once.run(
        key,
        "POST /v1/prices/" + id + "/versions",
        request,
        tx -> {
          PriceBook added = books.addVersion(tx, id, request.charges());
          catalogue.takeNewPrices(tx, id, request.effectiveFrom().orElse(clock.instant()));
          return write(added);
        });
  }

  private static String write(PriceBook book) {
    return Json.write(book);
  }
}
