package io.naap.router.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Problem;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jboss.logging.Logger;

/** Writes error answers: problems (RFC 9457), or OpenAI's error shape on OpenAI's paths. */
public final class Responses {
  private static final Logger LOG = Logger.getLogger(Responses.class);

  private Responses() {}

  /** Answers a failure. One that is not a refusal is logged, and the client gets a bare 500. */
  public static void fail(RoutingContext context, Throwable failure, boolean openAi) {
    switch (failure) {
      case Refusal.RefusedException refused -> refuse(context, refused.refusal(), openAi);
      case InvalidInput invalid -> refuse(context, Refusal.invalid(invalid.getMessage()), openAi);
      default -> {
        if (!context.response().closed()) {
          LOG.errorf(
              failure, "request failed unexpectedly, request_id=%s", Edge.requestId(context));
        }
        refuse(
            context,
            Refusal.of(500, "internal", "Something failed on our side; quote the request id."),
            openAi);
      }
    }
  }

  /** Answers with a refusal, or cuts an answer short that has begun. */
  public static void refuse(RoutingContext context, Refusal refusal, boolean openAi) {
    HttpServerResponse response = context.response();
    if (response.closed() || response.ended()) {
      return;
    }
    if (response.headWritten()) {
      cutShort(context);
      return;
    }
    refusal
        .retryAfterSeconds()
        .ifPresent(seconds -> response.putHeader("Retry-After", Long.toString(seconds)));
    if (refusal.status() == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    if (!context.request().isEnded() && context.request().version() != HttpVersion.HTTP_2) {
      // The rest of the request is not read, so the connection cannot take another one.
      response.putHeader("Connection", "close");
    }
    response.setStatusCode(refusal.status());
    if (openAi) {
      response.putHeader("Content-Type", "application/json").end(openAiError(refusal).toString());
    } else {
      response
          .putHeader("Content-Type", Problem.MEDIA_TYPE)
          .end(
              Json.write(
                  Problem.of(
                      refusal.status(),
                      refusal.code(),
                      refusal.detail(),
                      Edge.requestId(context),
                      refusal.violatedPolicies())));
    }
  }

  /**
   * Ends an answer so that the client sees it is not whole: closes the connection in HTTP/1, and
   * resets the one stream in HTTP/2, where other streams of the connection go on.
   */
  public static void cutShort(RoutingContext context) {
    if (context.request().version() == HttpVersion.HTTP_2) {
      context.response().reset();
    } else {
      ConnectionClose.close(context.request().connection());
    }
  }

  /** {@code {"error":{...}}}: a whole answer, or the data of a stream's last event. */
  public static ObjectNode openAiError(Refusal refusal) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("error")
        .put("message", refusal.detail())
        .put("type", type(refusal.status()))
        .putNull("param")
        .put("code", refusal.code());
    return body;
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 402 -> "insufficient_quota";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }
}
