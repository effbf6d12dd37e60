package io.naap.router.limit;

import io.vertx.core.MultiMap;

/**
 * Writes a job's limits into its answer: draft-ietf-httpapi-ratelimit-headers-10, and for OpenAI's
 * endpoints its {@code x-ratelimit-*} set.
 */
public final class RateLimitHeaders {
  private static final CharSequence POLICY =
      io.vertx.core.http.HttpHeaders.createOptimized("RateLimit-Policy");
  private static final CharSequence STATE =
      io.vertx.core.http.HttpHeaders.createOptimized("RateLimit");

  private RateLimitHeaders() {}

  public static void write(MultiMap headers, LimitStatus status, boolean openAi) {
    int size = status.size();
    if (size == 0) {
      return;
    }
    headers.set(POLICY, status.policyHeader());
    StringBuilder text = new StringBuilder(32 * size);
    for (int rule = 0; rule < size; rule++) {
      if (rule > 0) {
        text.append(", ");
      }
      text.append(status.rule(rule).stateName()).append(status.remaining(rule));
      long reset = status.resetSeconds(rule);
      if (reset >= 0) {
        text.append(";t=").append(reset);
      }
    }
    headers.set(STATE, text);
    if (openAi) {
      openAi(headers, status);
    }
  }

  /** The limit on requests with the least remaining, and the one on tokens with the least. */
  private static void openAi(MultiMap headers, LimitStatus status) {
    int requests = -1;
    int tokens = -1;
    for (int rule = 0; rule < status.size(); rule++) {
      Policy policy = status.rule(rule).policy();
      boolean starts = policy.kind() == Policy.Kind.RPM || policy.kind() == Policy.Kind.RPD;
      boolean ofTokens = policy.kind() == Policy.Kind.MINUTE && policy.what().startsWith("tokens_");
      if (starts && isTighter(status, rule, requests)) {
        requests = rule;
      } else if (ofTokens && isTighter(status, rule, tokens)) {
        tokens = rule;
      }
    }
    set(headers, "requests", status, requests);
    set(headers, "tokens", status, tokens);
  }

  private static boolean isTighter(LimitStatus status, int rule, int than) {
    return than < 0 || status.remaining(rule) < status.remaining(than);
  }

  private static void set(MultiMap headers, String what, LimitStatus status, int rule) {
    if (rule >= 0) {
      headers.set("x-ratelimit-limit-" + what, Long.toString(status.rule(rule).policy().limit()));
      headers.set("x-ratelimit-remaining-" + what, Long.toString(status.remaining(rule)));
      headers.set("x-ratelimit-reset-" + what, Math.max(1, status.resetSeconds(rule)) + "s");
    }
  }
}
