package io.naap.router.proxy;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Deadlines and bounds towards gateways. */
@ConfigMapping(prefix = "naap.proxy")
public interface ProxyConfig {
  /** Until a connection stands. */
  @WithDefault("2s")
  Duration connectTimeout();

  /** From the whole request sent to the answer's head. */
  @WithDefault("300s")
  Duration firstByteTimeout();

  /** Between two pieces of an answer. */
  @WithDefault("60s")
  Duration idleTimeout();

  /** Between two pieces of a body that a client sends. */
  @WithDefault("25s")
  Duration uploadIdleTimeout();

  /** What a body must bring a second, on average, after its first half minute. */
  @WithDefault("1024")
  long uploadLeastBytesPerSecond();

  /**
   * Until a stream ends whose model has said that it has finished: its usage comes in between. Then
   * it is ended here.
   */
  @WithDefault("2s")
  Duration finishedGrace();

  /** From the beginning to the end. */
  @WithDefault("15m")
  Duration totalTimeout();

  /**
   * How long a job with one answer is waited for when its client has left, so that it is billed as
   * measured; then it is stopped, and billed by its hold.
   */
  @WithDefault("2m")
  Duration unattendedTimeout();

  /** The most such jobs at once; any further one is stopped and billed by its hold. */
  @WithDefault("400")
  int mostUnattended();

  /**
   * The most connections from one event loop to one gateway. As many as jobs in flight, so that a
   * job never waits for another's to end: streams run for minutes. Idle ones close by themselves.
   */
  @WithDefault("4000")
  int connections();

  /** The most connections from one event loop to one gateway for files that answers name. */
  @WithDefault("64")
  int mediaConnections();

  /** The most bytes of an answer that must be whole. */
  @WithDefault("8388608")
  long answerMaxBytes();

  /** Of the heap, in a hundred, what all such answers together may take at once. */
  @WithDefault("20")
  int answerMemoryPercent();

  /** Jobs in a hundred that may be followed to another gateway when a connection fails. */
  @WithDefault("20")
  int retryPercent();

  /** Such retries that may come at once. */
  @WithDefault("20")
  int retryReserve();

  /** The most jobs that this router carries at once. */
  @WithDefault("4000")
  int mostInFlight();

  /** Of these, the share that each tier leaves free for every tier above it. */
  @WithDefault("20")
  int reservedPercent();
}
