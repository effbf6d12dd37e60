package io.naap.metering.requestlog;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.metering.usage.JobParameters;
import io.naap.metering.usage.ReadableTenant;
import io.naap.metering.usage.UsageQuestion;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoint for the request log of a tenant. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class RequestLogResource {
  private final RequestLog log;
  private final Clock clock;
  private final SecurityIdentity identity;

  RequestLogResource(RequestLog log, Clock clock, SecurityIdentity identity) {
    this.log = log;
    this.clock = clock;
    this.identity = identity;
  }

  /** Lists a tenant's requests, refused ones included, newest first. */
  @GET
  @Path("v1/usage/requests")
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
      operationId = "listRequests",
      summary = "The tenant's requests, refused ones included, newest first")
  @APIResponse(responseCode = "200", description = "The requests")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "404", description = "Not a tenant of the caller")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<RequestLogged> list(
      @BeanParam JobParameters parameters,
      @QueryParam("refused") Boolean refused,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    String tenant = ReadableTenant.oneTenant(Caller.of(identity), parameters.tenantId);
    Instant end = parameters.end(clock);
    PageRequest page = PageRequest.of(UsageQuestion.SIZES, limit, cursor, 2);
    return Page.of(
        log.read(
            new RequestLog.Question(
                tenant,
                new RequestLog.Filters(
                    Optional.ofNullable(parameters.keyId),
                    Optional.ofNullable(parameters.capability),
                    Optional.ofNullable(parameters.model),
                    Optional.ofNullable(parameters.status),
                    Optional.ofNullable(refused)),
                parameters.start(end).atOffset(ZoneOffset.UTC),
                end.atOffset(ZoneOffset.UTC),
                page.after()
                    .map(
                        at ->
                            new RequestLog.After(at.time(0).atOffset(ZoneOffset.UTC), at.text(1))),
                page.oneMore())),
        page.size(),
        line -> Cursor.of(line.request().at(), line.request().requestId()));
  }
}
