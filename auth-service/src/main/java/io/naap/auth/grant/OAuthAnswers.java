package io.naap.auth.grant;

import io.naap.auth.oauth.OAuthError;
import jakarta.ws.rs.core.Response;

/**
 * Builds the responses of the OAuth endpoints: never cached, errors as in RFC 6749, section 5.2.
 */
final class OAuthAnswers {
  /** The most characters of a token or code in a request. */
  static final int MAX_TOKEN = 4096;

  private OAuthAnswers() {}

  static Response fresh(Object tokens) {
    return Response.ok(tokens).header("Cache-Control", "no-store").build();
  }

  static Response error(int status, String error, String description) {
    Response.ResponseBuilder response =
        Response.status(status)
            .entity(new OAuthError(error, description))
            .header("Cache-Control", "no-store");
    if (status == 401) {
      response.header("WWW-Authenticate", "Basic");
    }
    return response.build();
  }
}
