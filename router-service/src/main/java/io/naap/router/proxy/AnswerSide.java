package io.naap.router.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.naap.contracts.edge.BodyMemory;
import io.naap.router.metrics.RouterMetrics;
import io.naap.router.routing.RoutingConfig;
import jakarta.inject.Singleton;
import java.util.List;

/** What answers are read with: JSON, memory for whole ones, and the address that clients use. */
@Singleton
class AnswerSide {
  /** The percentage of the memory for whole answers that one tenant may take. */
  private static final int TENANT_PERCENT = 33;

  final ObjectMapper json;
  final String publicUrl;
  private final BodyMemory memory;
  private final long maxBytes;
  private final RouterMetrics metrics;

  AnswerSide(ObjectMapper json, ProxyConfig config, RoutingConfig routing, RouterMetrics metrics) {
    this.json = json;
    this.publicUrl = routing.publicUrl();
    this.memory =
        new BodyMemory(Runtime.getRuntime().maxMemory() / 100 * config.answerMemoryPercent());
    this.maxBytes = config.answerMaxBytes();
    this.metrics = metrics;
  }

  WholeAnswer wholeAnswer(String tenantId) {
    return new WholeAnswer(
        memory.share(List.of(new BodyMemory.Owner(tenantId, TENANT_PERCENT))), maxBytes, json);
  }

  long maxBytes() {
    return maxBytes;
  }

  /** An answer was refused because all memory for answers is taken. */
  void refusedForMemory() {
    metrics.refused("answer_memory");
  }
}
