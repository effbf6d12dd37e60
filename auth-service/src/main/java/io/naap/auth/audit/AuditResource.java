package io.naap.auth.audit;

import io.naap.contracts.audit.AuditEntry;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The audit log, for owners of a tenant and for operators and support. */
@Path("/v1/audit")
@RunOnVirtualThread
@RolesAllowed({Role.OWNER_NAME, Role.OPERATOR_NAME, Role.SUPPORT_NAME})
@SecurityRequirement(name = "SecurityScheme")
public class AuditResource {
  private static final PageRequest.Sizes SIZES = new PageRequest.Sizes(50, 500);

  private final Audit audit;
  private final SecurityIdentity identity;

  AuditResource(Audit audit, SecurityIdentity identity) {
    this.audit = audit;
    this.identity = identity;
  }

  /** A page of entries, newest first. */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listAudit",
      summary = "Audit entries, newest first; operators see every tenant, or the one they name")
  @APIResponse(responseCode = "200", description = "The page")
  public Page<AuditEntry> list(
      @QueryParam("tenant_id") Optional<String> tenantId,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(SIZES, limit, cursor, 1);
    return Page.of(
        audit.newest(
            scope(tenantId),
            page.after().map(end -> end.number(0)).orElse(Long.MAX_VALUE),
            page.oneMore()),
        page.size(),
        entry -> Cursor.of(entry.seq()));
  }

  /** All entries as JSON lines, oldest first. */
  @GET
  @Path("/export")
  @Produces("application/jsonl")
  @Operation(
      operationId = "exportAudit",
      summary = "Audit entries as JSON lines, oldest first; ./naap audit checks the chain")
  @APIResponse(responseCode = "200", description = "One entry a line")
  public Response export(@QueryParam("tenant_id") Optional<String> tenantId) {
    Optional<String> scope = scope(tenantId);
    StreamingOutput lines =
        out -> {
          long after = 0;
          List<AuditEntry> batch = audit.oldest(scope, after, SIZES.most());
          while (!batch.isEmpty()) {
            for (AuditEntry entry : batch) {
              out.write((Json.write(entry) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            after = batch.getLast().seq();
            batch = audit.oldest(scope, after, SIZES.most());
          }
        };
    return Response.ok(lines).build();
  }

  private Optional<String> scope(Optional<String> asked) {
    if (asked.isPresent() && !IdKind.TENANT.matches(asked.get())) {
      throw Refusal.invalid("tenant_id must be ten_...").raise();
    }
    Caller caller = Caller.of(identity);
    if (caller.readsAllTenants()) {
      return asked;
    }
    if (asked.isPresent() && !caller.mayRead(asked.get())) {
      throw Refusal.notFound("tenant").raise();
    }
    return caller.tenantId();
  }
}
