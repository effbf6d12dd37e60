package io.naap.router.proxy;

import io.naap.contracts.metering.Units;
import io.naap.router.workload.TokenCount;
import io.vertx.core.http.HttpClientResponse;
import java.util.Optional;

/** Reads one kind of gateway's answer, and knows what it came to so far. */
interface GatewayAnswer {
  /** Starts to read. */
  void read(HttpClientResponse from);

  /** True for one answer that the gateway makes whether its client waits or not; no stream. */
  boolean isOne();

  /** True when bytes of an answer came that is passed on as it comes. */
  default boolean hasBegun() {
    return false;
  }

  /** True when nothing is missing, whether the gateway has ended the answer or not. */
  default boolean hasSaidAll() {
    return false;
  }

  /** Ends an answer well that {@link #hasSaidAll}. */
  default void endWell() {
    throw new IllegalStateException("only a stream of events can say all before its end");
  }

  /**
   * What is billed when the answer breaks off now.
   *
   * @param byClient whether the client left or stopped reading
   */
  default Units used(boolean byClient) {
    return Units.NONE;
  }

  /** The tokens of a language model's answer. */
  default Optional<TokenCount> tokens() {
    return Optional.empty();
  }

  /** Gives back the memory that the answer took; may be called twice. */
  default void release() {}
}
