package io.naap.contracts.edge;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Problem;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.problem.UnreadableJson;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every exception into an error body (RFC 9457). */
public class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  @ServerExceptionMapper
  public Response refused(Refusal.RefusedException refused, RoutingContext context) {
    Refusal refusal = refused.refusal();
    Response.ResponseBuilder response =
        problem(
            context,
            Problem.of(
                refusal.status(),
                refusal.code(),
                refusal.detail(),
                Edge.requestId(context),
                refusal.violatedPolicies()));
    refusal
        .retryAfterSeconds()
        .ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
    if (refusal.code().equals(Refusal.OLD_SIGN_IN)) {
      response.header(
          HttpHeaders.WWW_AUTHENTICATE,
          "Bearer error=\"%s\", error_description=\"A more recent sign-in is required\", max_age=\"%d\""
              .formatted(Refusal.OLD_SIGN_IN, Caller.RECENT_SIGN_IN.toSeconds()));
    }
    return response.build();
  }

  @ServerExceptionMapper({UnauthorizedException.class, AuthenticationFailedException.class})
  public Response unauthorized(RoutingContext context) {
    return problem(
            context,
            Problem.of(
                401,
                "unauthorized",
                "Send a valid access token in the Authorization header: Bearer <token>.",
                Edge.requestId(context)))
        .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
        .build();
  }

  @ServerExceptionMapper
  public Response forbidden(ForbiddenException refused, RoutingContext context) {
    return problem(
            context,
            Problem.of(
                403,
                "forbidden",
                "Your role does not allow this; ask an owner or admin of the tenant.",
                Edge.requestId(context)))
        .build();
  }

  @ServerExceptionMapper
  public Response unreadableJson(JacksonException unreadable, RoutingContext context) {
    boolean malformed = UnreadableJson.isMalformed(unreadable);
    return problem(
            context,
            Problem.of(
                malformed ? 400 : 422,
                malformed ? "malformed_json" : "invalid",
                UnreadableJson.whatToChange(unreadable),
                Edge.requestId(context)))
        .build();
  }

  /**
   * Quarkus maps exactly this type itself, to a body that is no problem; this mapper replaces that
   * one.
   */
  @ServerExceptionMapper
  public Response mismatchedJson(MismatchedInputException mismatched, RoutingContext context) {
    return unreadableJson(mismatched, context);
  }

  /** Values throw this when they check themselves; the message is written for the caller. */
  @ServerExceptionMapper
  public Response invalid(InvalidInput invalid, RoutingContext context) {
    return problem(
            context, Problem.of(422, "invalid", invalid.getMessage(), Edge.requestId(context)))
        .build();
  }

  @ServerExceptionMapper
  public Response http(WebApplicationException failure, RoutingContext context) {
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof JacksonException unreadable) {
        return unreadableJson(unreadable, context);
      }
    }
    int status = failure.getResponse().getStatus();
    Response.ResponseBuilder response =
        problem(context, Problem.of(status, code(status), detail(status), Edge.requestId(context)));
    Object allow = failure.getResponse().getHeaderString(HttpHeaders.ALLOW);
    if (allow != null) {
      response.header(HttpHeaders.ALLOW, allow);
    }
    return response.build();
  }

  @ServerExceptionMapper
  public Response surprise(Throwable failure, RoutingContext context) {
    String requestId = Edge.requestId(context);
    LOG.errorf(failure, "request failed unexpectedly, request_id=%s", requestId);
    return problem(
            context,
            Problem.of(
                500, "internal", "Something failed on our side; quote the request id.", requestId))
        .build();
  }

  private static Response.ResponseBuilder problem(RoutingContext context, Problem problem) {
    return Response.status(problem.status())
        .type(Problem.MEDIA_TYPE)
        .header(Edge.REQUEST_ID_HEADER, Edge.requestId(context))
        .entity(problem);
  }

  private static String code(int status) {
    return switch (status) {
      case 400 -> "bad_request";
      case 404 -> "not_found";
      case 405 -> "method_not_allowed";
      case 406 -> "not_acceptable";
      case 413 -> "body_too_large";
      case 415 -> "unsupported_media_type";
      default -> status < 500 ? "refused" : "internal";
    };
  }

  private static String detail(int status) {
    return switch (status) {
      case 400 -> "The request could not be read; send a JSON body as the API describes it.";
      case 404 -> "There is nothing at this path.";
      case 405 -> "This path does not have that method; see the Allow header.";
      case 406 -> "Accept application/json.";
      case 413 -> "The body is larger than this path accepts.";
      case 415 -> "Send the body as application/json.";
      default ->
          status < 500
              ? "The request was refused."
              : "Something failed on our side; quote the request id.";
    };
  }
}
