package io.naap.auth.trust;

import io.naap.contracts.identity.TrustDocument;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/**
 * Serves the trust document to the other services. Needs no token, because services need the
 * document to verify tokens; it is not routed from the public network and contains no ids.
 */
@Path("/internal/trust")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
@RunOnVirtualThread
public class TrustResource {
  private final StoredTrust trust;

  TrustResource(StoredTrust trust) {
    this.trust = trust;
  }

  /** Returns the document, or 304 when the caller has this version. */
  @GET
  @Operation(operationId = "trust", summary = "Which tokens are good (services)")
  @APIResponse(
      responseCode = "200",
      description = "Keys and refusals",
      content = @Content(schema = @Schema(implementation = TrustDocument.class)))
  @APIResponse(responseCode = "304", description = "As the caller knows it")
  public Response read(@HeaderParam("If-None-Match") String known) {
    TrustDocument document = trust.current();
    String tag = '"' + document.version() + '"';
    return tag.equals(known)
        ? Response.notModified(tag).build()
        : Response.ok(document).header("ETag", tag).header("Cache-Control", "no-cache").build();
  }
}
