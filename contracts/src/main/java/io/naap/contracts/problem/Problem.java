package io.naap.contracts.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * An error body (RFC 9457), {@code application/problem+json}.
 *
 * @param type {@code urn:naap:problem:<code>}
 * @param title the status in words
 * @param detail what was wrong and what to change, for a person
 * @param code stable, for programs: lower-case words joined by underscores
 * @param violatedPolicies every limit that refused the request
 *     (draft-ietf-httpapi-ratelimit-headers)
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    String code,
    String requestId,
    @JsonProperty("violated-policies") List<String> violatedPolicies) {
  public static final String MEDIA_TYPE = "application/problem+json";

  public static Problem of(int status, String code, String detail, String requestId) {
    return of(status, code, detail, requestId, null);
  }

  public static Problem of(
      int status, String code, String detail, String requestId, List<String> violatedPolicies) {
    return new Problem(
        "urn:naap:problem:" + code,
        title(status),
        status,
        detail,
        code,
        requestId,
        violatedPolicies == null ? null : List.copyOf(violatedPolicies));
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 402 -> "Payment Required";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      default -> "Error";
    };
  }
}
