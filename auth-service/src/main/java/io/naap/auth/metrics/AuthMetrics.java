package io.naap.auth.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** Metrics of auth-service. */
@ApplicationScoped
public class AuthMetrics {
  private final MeterRegistry registry;

  AuthMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts a sign-in. */
  public void signedIn() {
    registry.counter("auth_sign_ins_total").increment();
  }

  /** Counts a refused sign-in. */
  public void signInRefused(String reason) {
    registry.counter("auth_sign_ins_refused_total", "reason", reason).increment();
  }

  /** Counts a refused request for a token. */
  public void tokenRefused(String reason) {
    registry.counter("auth_tokens_refused_total", "reason", reason).increment();
  }

  /** Counts a request that was refused by a limit on its address or client. */
  public void limited(String endpoint, String by) {
    registry.counter("auth_limited_total", "endpoint", endpoint, "by", by).increment();
  }
}
