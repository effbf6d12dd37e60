package io.naap.router.admission;

import io.vertx.core.MultiMap;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tells a client where it stands: draft-ietf-httpapi-ratelimit-headers-10 and OpenAI's set. */
public final class LimitHeaders {
  private LimitHeaders() {}

  public static void write(MultiMap headers, List<PolicyState> policies, boolean openAi) {
    if (policies.isEmpty()) {
      return;
    }
    headers.set(
        "RateLimit-Policy",
        policies.stream().map(LimitHeaders::policy).collect(Collectors.joining(", ")));
    headers.set(
        "RateLimit", policies.stream().map(LimitHeaders::state).collect(Collectors.joining(", ")));
    if (openAi) {
      Optional<PolicyState> requests =
          policies.stream()
              .filter(policy -> policy.name().endsWith("-rpm") || policy.name().endsWith("-rpd"))
              .filter(policy -> policy.resetMillis().isPresent())
              .min(Comparator.comparingLong(PolicyState::remaining));
      requests.ifPresent(
          policy -> {
            headers.set("x-ratelimit-limit-requests", Long.toString(policy.quota()));
            headers.set("x-ratelimit-remaining-requests", Long.toString(policy.remaining()));
            headers.set("x-ratelimit-reset-requests", policy.resetSeconds().getAsLong() + "s");
          });
    }
  }

  private static String policy(PolicyState policy) {
    StringBuilder text = new StringBuilder();
    text.append('"').append(policy.name()).append("\";q=").append(policy.quota());
    policy.windowSeconds().ifPresent(seconds -> text.append(";w=").append(seconds));
    if (policy.name().endsWith("-concurrent")) {
      text.append(";qu=\"concurrent-requests\"");
    }
    return text.toString();
  }

  private static String state(PolicyState policy) {
    StringBuilder text = new StringBuilder();
    text.append('"').append(policy.name()).append("\";r=").append(policy.remaining());
    policy.resetSeconds().ifPresent(seconds -> text.append(";t=").append(seconds));
    return text.toString();
  }
}
