package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.edge.ConnectionDeadlines;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * The signer's own HTTP server. Its endpoints are at the root of its port, because go-livepeer
 * drops any path prefix. It runs when a hot wallet is configured.
 */
@ApplicationScoped
public class RemoteSigner {
  private static final Logger LOG = Logger.getLogger(RemoteSigner.class);
  private static final int IDLE_SECONDS = 60;

  private final Vertx vertx;
  private final SignerConfig config;
  private final HotWallet hotWallet;
  private final Chain chain;
  private final SignerRequests requests;
  private volatile HttpServer server;

  RemoteSigner(
      Vertx vertx, SignerConfig config, HotWallet hotWallet, Chain chain, SignerRequests requests) {
    this.vertx = vertx;
    this.config = config;
    this.hotWallet = hotWallet;
    this.chain = chain;
    this.requests = requests;
  }

  void start(@Observes StartupEvent started) {
    if (hotWallet.get().isEmpty()) {
      LOG.info("the remote signer is off: no hot wallet is configured");
      return;
    }
    Wallet wallet = hotWallet.get().get();
    chain.watch(wallet.address());
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(config.host())
                    .setPort(config.port())
                    .setIdleTimeout(IDLE_SECONDS)
                    .setMaxHeaderSize(16 * 1024))
            .requestHandler(requests::handle)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    ConnectionDeadlines.knock(vertx, server.actualPort());
    LOG.infof(
        "the remote signer listens, port=%d sender=%s", server.actualPort(), wallet.address());
  }

  void stop(@Observes ShutdownEvent stopping) {
    chain.stop();
    if (server != null) {
      server.close().toCompletionStage().toCompletableFuture().join();
    }
    requests.stop();
  }

  /** True when the server listens, or no wallet is configured. */
  public boolean isReady() {
    return hotWallet.get().isEmpty() || server != null;
  }

  /** The port it listens at; zero while it is off. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }
}
