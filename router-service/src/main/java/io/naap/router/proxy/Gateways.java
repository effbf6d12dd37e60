package io.naap.router.proxy;

import io.naap.router.routing.Gateway;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.inject.Singleton;

/**
 * The HTTP clients towards gateways, one for each event loop: both connections of a job are served
 * by the same loop, so no byte changes threads.
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

  /** A request to a gateway, whose method and path are still to be set. */
  public static RequestOptions to(Gateway gateway) {
    return new RequestOptions()
        .setHost(gateway.url().getHost())
        .setPort(gateway.port())
        .setSsl(gateway.isTls());
  }

  /**
   * The client for files that answers name: slow readers of files do not take the connections of
   * jobs.
   */
  HttpClient mediaClient() {
    return media.get();
  }

  /** The client of the calling event loop. */
  public HttpClient client() {
    return clients.get();
  }
}
