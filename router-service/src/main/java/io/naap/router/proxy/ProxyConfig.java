package io.naap.router.proxy;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Deadlines and limits of jobs at gateways. */
@ConfigMapping(prefix = "naap.proxy")
public interface ProxyConfig {
  /** The most time to connect to a gateway. */
  @WithDefault("2s")
  Duration connectTimeout();

  /** The most time from the end of the request to the beginning of the answer. */
  @WithDefault("300s")
  Duration firstByteTimeout();

  /** The most time between two pieces of an answer. */
  @WithDefault("60s")
  Duration idleTimeout();

  /** The most time between two pieces of a body that a client sends. */
  @WithDefault("25s")
  Duration uploadIdleTimeout();

  /** The least bytes a second that a client must send on average, after half a minute. */
  @WithDefault("1024")
  long uploadLeastBytesPerSecond();

  /**
   * How long a stream may stay open after its model has finished, for its usage to come; then the
   * router ends it.
   */
  @WithDefault("2s")
  Duration finishedGrace();

  /** The most time of a whole job. */
  @WithDefault("15m")
  Duration totalTimeout();

  /**
   * How long the router waits for an answer whose client has left, to bill it as measured; then the
   * job is stopped and billed by its hold.
   */
  @WithDefault("2m")
  Duration unattendedTimeout();

  /** The most jobs at once whose client has left; any other is stopped and billed by its hold. */
  @WithDefault("400")
  int mostUnattended();

  /**
   * The most connections from one event loop to one gateway: as many as jobs in flight, so that no
   * job waits for another's end, because streams run for minutes. Idle connections are closed.
   */
  @WithDefault("4000")
  int connections();

  /** The most connections from one event loop to one gateway for files that answers name. */
  @WithDefault("64")
  int mediaConnections();

  /** The most bytes of an answer that is read whole. */
  @WithDefault("8388608")
  long answerMaxBytes();

  /** The percentage of the heap that all such answers together may take. */
  @WithDefault("20")
  int answerMemoryPercent();

  /** The percentage of jobs that may be sent to another gateway when a connection fails. */
  @WithDefault("20")
  int retryPercent();

  /** How many such retries may come at once. */
  @WithDefault("20")
  int retryReserve();

  /** The most jobs that this router carries at once. */
  @WithDefault("4000")
  int mostInFlight();

  /** The percentage of these that each tier leaves free for every tier above it. */
  @WithDefault("20")
  int reservedPercent();
}
