package io.naap.keys.authz;

import io.naap.contracts.edge.AddressGroup;
import io.naap.contracts.edge.EdgeConfig;
import io.naap.contracts.identity.Trust;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.keys.KeyProfile;
import io.naap.contracts.problem.Refusal;
import io.naap.keys.authz.VerifiedKeys.Verified;
import io.naap.keys.verification.Checked;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/**
 * Forward authorization. The key is in {@code Authorization} or {@code x-api-key}; it is the only
 * credential, so no access token is needed.
 */
@Path("/v1/authz")
@PermitAll
public class AuthzResource {
  /** Proxies limit headers to a few kilobytes, so a longer list of scopes is left out. */
  private static final int LONGEST_SCOPES = 2_000;

  private static final int LONGEST_NAME = 200;

  private final VerifiedKeys keys;
  private final Trust trust;
  private final ClientAddress clientAddress;

  AuthzResource(VerifiedKeys keys, Trust trust, EdgeConfig config) {
    this.keys = keys;
    this.trust = trust;
    this.clientAddress = new ClientAddress(config.trustedProxies(), config.clientAddressHeader());
  }

  /** Answers whether a request with this key may pass. */
  @GET
  @Operation(
      operationId = "authorize",
      summary = "May a request with this key pass? (nginx auth_request, Traefik forwardAuth)",
      description =
          "The key is in Authorization: Bearer or x-api-key. Checked are the key's status, its scopes"
              + " against capability and model where they are given (also as X-Naap-Capability and"
              + " X-Naap-Model; the query wins), its networks against the client's address as trusted"
              + " proxies forward it, and its web origins against Origin. Rates, caps and money are"
              + " not: they need a job.")
  @APIResponse(
      responseCode = "200",
      description = "Yes; X-Naap-Tenant, X-Naap-Key, X-Naap-Tier and X-Naap-Scopes say whose it is")
  @APIResponse(responseCode = "401", description = "No key, or none that may be used")
  @APIResponse(responseCode = "403", description = "The key may not do this")
  public Uni<Response> get(
      @Parameter(description = "For example text-to-image") @QueryParam("capability")
          Optional<String> capability,
      @Parameter(description = "For example stabilityai/sdxl-turbo") @QueryParam("model")
          Optional<String> model,
      @Context HttpServerRequest request) {
    return answer(capability, model, request);
  }

  /**
   * The form that Envoy uses: with the client's own method, and the client's path appended to ours.
   */
  @GET
  @Path("/{path:.+}")
  @Operation(operationId = "authorizeGet", summary = "The same as Envoy ext_authz asks it")
  @APIResponse(responseCode = "200", description = "Yes")
  @APIResponse(responseCode = "401", description = "No key, or none that may be used")
  @APIResponse(responseCode = "403", description = "The key may not do this")
  public Uni<Response> getBelow(String path, @Context HttpServerRequest request) {
    return answer(Optional.empty(), Optional.empty(), request);
  }

  @POST
  @Path("/{path:.+}")
  @Operation(operationId = "authorizePost", summary = "The same as Envoy ext_authz asks it")
  public Uni<Response> postBelow(String path, @Context HttpServerRequest request) {
    return answer(Optional.empty(), Optional.empty(), request);
  }

  @PUT
  @Path("/{path:.+}")
  @Operation(operationId = "authorizePut", summary = "The same as Envoy ext_authz asks it")
  public Uni<Response> putBelow(String path, @Context HttpServerRequest request) {
    return answer(Optional.empty(), Optional.empty(), request);
  }

  @PATCH
  @Path("/{path:.+}")
  @Operation(operationId = "authorizePatch", summary = "The same as Envoy ext_authz asks it")
  public Uni<Response> patchBelow(String path, @Context HttpServerRequest request) {
    return answer(Optional.empty(), Optional.empty(), request);
  }

  @DELETE
  @Path("/{path:.+}")
  @Operation(operationId = "authorizeDelete", summary = "The same as Envoy ext_authz asks it")
  public Uni<Response> deleteBelow(String path, @Context HttpServerRequest request) {
    return answer(Optional.empty(), Optional.empty(), request);
  }

  @OPTIONS
  @Path("/{path:.+}")
  @Operation(operationId = "authorizeOptions", summary = "The same as Envoy ext_authz asks it")
  public Uni<Response> optionsBelow(String path, @Context HttpServerRequest request) {
    return answer(Optional.empty(), Optional.empty(), request);
  }

  private Uni<Response> answer(
      Optional<String> capability, Optional<String> model, HttpServerRequest request) {
    // No cache may keep the response, and neither a refusal.
    request.response().putHeader("Cache-Control", "no-store");
    String given = given(request);
    if (given == null) {
      throw unauthorized(
          request, "key_missing", "Send an API key in the Authorization header: Bearer naap_...");
    }
    Authorization.Asked asked =
        new Authorization.Asked(
            named(capability, "X-Naap-Capability", request),
            named(model, "X-Naap-Model", request),
            clientAddress.of(request),
            request.getHeader("Origin"));
    return keys.use(given, AddressGroup.of(asked.address()))
        .map(
            verified ->
                switch (verified) {
                  case Verified.Looked looked -> answer(looked.checked(), asked, request);
                  case Verified.TooManyUnknown unknown -> throw tooMany(unknown.secondsLeft());
                });
  }

  private Response answer(Checked checked, Authorization.Asked asked, HttpServerRequest request) {
    return switch (checked) {
      case Checked.Good good -> {
        if (trust.isSuspended(good.profile().tenantId())) {
          throw Trust.suspended();
        }
        yield switch (Authorization.of(good.profile(), asked)) {
          case Authorization.Allowed allowed -> allowed(allowed.profile());
          case Authorization.Refused refused ->
              throw Refusal.of(403, refused.code(), refused.detail()).raise();
        };
      }
      case Checked.Ended ended -> throw invalid(request);
      case Checked.Bad bad -> throw invalid(request);
    };
  }

  private static Refusal.RefusedException tooMany(long secondsLeft) {
    return new Refusal(
            429,
            "too_many_unknown_keys",
            "Your address has sent too many API keys that do not exist; try again later.",
            List.of("unknown-keys"),
            Optional.of(secondsLeft))
        .raise();
  }

  private static String given(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
        ? authorization.substring(7).strip()
        : request.getHeader("x-api-key");
  }

  private static Optional<String> named(
      Optional<String> query, String header, HttpServerRequest request) {
    Optional<String> name =
        query.or(() -> Optional.ofNullable(request.getHeader(header)).filter(h -> !h.isBlank()));
    if (name.isPresent() && name.get().length() > LONGEST_NAME) {
      throw Refusal.invalid("capability and model have at most " + LONGEST_NAME + " characters")
          .raise();
    }
    return name;
  }

  private static Response allowed(KeyProfile profile) {
    Response.ResponseBuilder answer =
        Response.ok()
            .header("X-Naap-Tenant", profile.tenantId())
            .header("X-Naap-Key", profile.keyId());
    profile.tier().ifPresent(tier -> answer.header("X-Naap-Tier", encoded(tier)));
    String scopes = scopes(profile.capabilities(), profile.models());
    if (scopes.length() <= LONGEST_SCOPES) {
      answer.header("X-Naap-Scopes", scopes);
    }
    return answer.build();
  }

  /**
   * The value of {@code X-Naap-Scopes}: {@code capability:llm model:meta%2Fllama}, or {@code *} for
   * everything.
   */
  private static String scopes(List<String> capabilities, List<String> models) {
    return capabilities.isEmpty() && models.isEmpty()
        ? "*"
        : Stream.concat(
                capabilities.stream().map(name -> "capability:" + encoded(name)),
                models.stream().map(name -> "model:" + encoded(name)))
            .collect(Collectors.joining(" "));
  }

  /** Percent-encodes a text that a tenant chose, so that it cannot inject a header. */
  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Refusal.RefusedException invalid(HttpServerRequest request) {
    return unauthorized(
        request,
        "key_invalid",
        "The API key is not valid: check that it is whole, enabled and not expired.");
  }

  private static Refusal.RefusedException unauthorized(
      HttpServerRequest request, String code, String detail) {
    request.response().putHeader("WWW-Authenticate", "Bearer");
    return Refusal.of(401, code, detail).raise();
  }
}
