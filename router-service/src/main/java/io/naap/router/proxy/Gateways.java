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

  Gateways(Vertx vertx, ProxyConfig config) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setMaxPoolSize(config.connections())
            .setMaxWaitQueueSize(config.connections())
            .setKeepAliveTimeout(30)
            .setDecompressionSupported(false)
            .setMaxHeaderSize(65_536);
    clients =
        new FastThreadLocal<>() {
          @Override
          protected HttpClient initialValue() {
            return vertx.createHttpClient(options);
          }
        };
  }

  /** This event loop's own. */
  public HttpClient client() {
    return clients.get();
  }
}
