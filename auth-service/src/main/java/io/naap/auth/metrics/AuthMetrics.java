package io.naap.auth.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** What auth-service counts. */
@ApplicationScoped
public class AuthMetrics {
  private final MeterRegistry registry;

  AuthMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Somebody signed in. */
  public void signedIn() {
    registry.counter("auth_sign_ins_total").increment();
  }

  /** A sign-in was refused. */
  public void signInRefused(String reason) {
    registry.counter("auth_sign_ins_refused_total", "reason", reason).increment();
  }

  /** A token was asked for and refused. */
  public void tokenRefused(String reason) {
    registry.counter("auth_tokens_refused_total", "reason", reason).increment();
  }

  /** An address or a client tried too often. */
  public void limited(String endpoint, String by) {
    registry.counter("auth_limited_total", "endpoint", endpoint, "by", by).increment();
  }
}
