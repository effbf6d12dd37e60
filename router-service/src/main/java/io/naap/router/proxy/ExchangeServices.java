package io.naap.router.proxy;

import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.time.Clock;

/** What all exchanges share. */
@Singleton
class ExchangeServices {
  final Vertx vertx;
  final Clock clock;
  final ProxyConfig config;
  final RunningJobs running;
  final GatewaySide gateways;
  final AnswerSide answers;
  final JobRecorder recorder;

  ExchangeServices(
      Vertx vertx,
      Clock clock,
      ProxyConfig config,
      RunningJobs running,
      GatewaySide gateways,
      AnswerSide answers,
      JobRecorder recorder) {
    this.vertx = vertx;
    this.clock = clock;
    this.config = config;
    this.running = running;
    this.gateways = gateways;
    this.answers = answers;
    this.recorder = recorder;
  }
}
