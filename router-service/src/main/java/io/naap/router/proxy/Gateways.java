package io.naap.router.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The HTTP client towards gateways. */
@ApplicationScoped
public class Gateways {
  @Produces
  @Singleton
  HttpClient client(Vertx vertx, ProxyConfig config) {
    return vertx.createHttpClient(
        new HttpClientOptions()
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setMaxPoolSize(config.connections())
            .setMaxWaitQueueSize(config.connections())
            .setKeepAliveTimeout(30)
            .setDecompressionSupported(false)
            .setMaxHeaderSize(65_536));
  }
}
