package io.naap.router.proxy;

import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import jakarta.inject.Singleton;

/**
 * The HTTP clients towards gateways, one for each event loop: a job's two connections are served by
 * the same loop, and no byte of it changes threads on the way.
 */
@Singleton
public class Gateways {
  private final FastThreadLocal<HttpClient> clients;
  private final FastThreadLocal<HttpClient> media;

  Gateways(Vertx vertx, ProxyConfig config) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setMaxPoolSize(config.connections())
            .setMaxWaitQueueSize(config.connections())
            .setKeepAliveTimeout(30)
            .setDecompressionSupported(false)
            .setMaxHeaderSize(65_536);
    clients = perLoop(vertx, options);
    media =
        perLoop(
            vertx,
            new HttpClientOptions(options)
                .setMaxPoolSize(config.mediaConnections())
                .setMaxWaitQueueSize(config.mediaConnections()));
  }

  private static FastThreadLocal<HttpClient> perLoop(Vertx vertx, HttpClientOptions options) {
    return new FastThreadLocal<>() {
      @Override
      protected HttpClient initialValue() {
        return vertx.createHttpClient(options);
      }
    };
  }

  /** For files that answers name: whoever reads them slowly takes no job's connection. */
  HttpClient mediaClient() {
    return media.get();
  }

  /** This event loop's own. */
  public HttpClient client() {
    return clients.get();
  }
}
