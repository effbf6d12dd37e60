package io.naap.router.admission;

import io.vertx.core.MultiMap;

/** Tells a client where it stands: draft-ietf-httpapi-ratelimit-headers-10 and OpenAI's set. */
public final class RateLimitHeaders {
  private static final CharSequence POLICY =
      io.vertx.core.http.HttpHeaders.createOptimized("RateLimit-Policy");
  private static final CharSequence STATE =
      io.vertx.core.http.HttpHeaders.createOptimized("RateLimit");

  private RateLimitHeaders() {}

  public static void write(MultiMap headers, LimitStatus standing, boolean openAi) {
    int size = standing.size();
    if (size == 0) {
      return;
    }
    headers.set(POLICY, standing.terms().policyHeader);
    StringBuilder text = new StringBuilder(32 * size);
    for (int rule = 0; rule < size; rule++) {
      if (rule > 0) {
        text.append(", ");
      }
      text.append(standing.terms().rules.get(rule).stateName()).append(standing.remaining(rule));
      long reset = standing.resetSeconds(rule);
      if (reset >= 0) {
        text.append(";t=").append(reset);
      }
    }
    headers.set(STATE, text);
    if (openAi) {
      openAi(headers, standing);
    }
  }

  /** The tightest of the limits on requests, and of those on tokens. */
  private static void openAi(MultiMap headers, LimitStatus standing) {
    int requests = -1;
    int tokens = -1;
    for (int rule = 0; rule < standing.size(); rule++) {
      Policy policy = standing.terms().rules.get(rule).policy();
      boolean starts = policy.kind() == Policy.Kind.RPM || policy.kind() == Policy.Kind.RPD;
      boolean ofTokens = policy.kind() == Policy.Kind.MINUTE && policy.what().startsWith("tokens_");
      if (starts && isTighter(standing, rule, requests)) {
        requests = rule;
      } else if (ofTokens && isTighter(standing, rule, tokens)) {
        tokens = rule;
      }
    }
    set(headers, "requests", standing, requests);
    set(headers, "tokens", standing, tokens);
  }

  private static boolean isTighter(LimitStatus standing, int rule, int than) {
    return than < 0 || standing.remaining(rule) < standing.remaining(than);
  }

  private static void set(MultiMap headers, String what, LimitStatus standing, int rule) {
    if (rule >= 0) {
      headers.set("x-ratelimit-limit-" + what, Long.toString(standing.quota(rule)));
      headers.set("x-ratelimit-remaining-" + what, Long.toString(standing.remaining(rule)));
      headers.set("x-ratelimit-reset-" + what, Math.max(1, standing.resetSeconds(rule)) + "s");
    }
  }
}
