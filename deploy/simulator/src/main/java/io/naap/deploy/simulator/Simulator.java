package io.naap.deploy.simulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Starts the simulator: {@code java -cp ... io.naap.deploy.simulator.Simulator --http-port 9935}.
 */
public final class Simulator {
  /** A well-known development address; it holds nothing. */
  private static final String ORCHESTRATOR_ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

  private static final long PRICE_PER_PIXEL = 50;
  private static final int MAX_HEADERS = 64 * 1024;

  private Simulator() {}

  public static void main(String[] arguments) {
    start(Settings.parse(arguments))
        .onSuccess(started -> System.out.println("simulator ready"))
        .onFailure(
            failed -> {
              System.err.println("simulator cannot start: " + failed.getMessage());
              System.exit(1);
            });
  }

  static Future<Vertx> start(Settings settings) {
    // One event loop owns all state, so nothing in here needs a lock.
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    HttpClient client = vertx.createHttpClient();
    ChainState chain = new ChainState(Clock.systemUTC());
    SecureRandom random = new SecureRandom();
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    Orchestrator orchestrator =
        new Orchestrator(
            "https://127.0.0.1:" + settings.httpPort(),
            Eth.bytes(ORCHESTRATOR_ADDRESS),
            secret,
            PRICE_PER_PIXEL,
            chain,
            Clock.systemUTC(),
            random);
    Optional<Signer> signer =
        settings.signerUrl().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Signer(
                    client,
                    settings.signerUrl(),
                    Map.of("Authorization", "Bearer " + settings.signerToken()),
                    orchestrator));
    LiveStreams streams = new LiveStreams(vertx, client, settings, signer);
    Gateway gateway = new Gateway(vertx, streams, new ByocStreams(vertx, streams, settings));
    AtomicReference<HttpServer> open = new AtomicReference<>();
    Control control =
        new Control(
            chain,
            orchestrator,
            gateway,
            streams,
            millis -> {
              open.get().close();
              vertx.setTimer(
                  Math.max(1, millis),
                  timer -> listen(vertx, settings, gateway).onSuccess(open::set));
            });
    return listen(vertx, settings, gateway)
        .onSuccess(open::set)
        .compose(
            ready ->
                vertx
                    .createHttpServer(
                        new HttpServerOptions()
                            .setHost(settings.host())
                            .setPort(settings.controlPort()))
                    .requestHandler(control::handle)
                    .listen())
        .map(ready -> vertx);
  }

  private static Future<HttpServer> listen(Vertx vertx, Settings settings, Gateway gateway) {
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.httpPort())
                .setMaxHeaderSize(MAX_HEADERS))
        .requestHandler(gateway::handle)
        .listen();
  }
}
