package io.naap.router.proxy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.edge.Edge;
import io.naap.contracts.json.Json;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Problem;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.ConnectionClose;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jboss.logging.Logger;

/** Error answers: problems, or OpenAI's shape on its routes. */
public final class Answers {
  private static final Logger LOG = Logger.getLogger(Answers.class);

  private Answers() {}

  /** Whatever went wrong, as an answer; surprises are logged and tell the client nothing. */
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
      // What the client still sends is not worth reading.
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
   * An answer cut short must not look whole: its stream is reset, and in HTTP/1 the connection with
   * it. Other streams of an HTTP/2 connection go on.
   */
  static void cutShort(RoutingContext context) {
    if (context.request().version() == HttpVersion.HTTP_2) {
      context.response().reset();
    } else {
      ConnectionClose.close(context.request().connection());
    }
  }

  /** {@code {"error":{...}}}, also as the data of an event when a stream breaks. */
  static ObjectNode openAiError(Refusal refusal) {
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
