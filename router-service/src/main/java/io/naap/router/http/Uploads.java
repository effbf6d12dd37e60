package io.naap.router.http;

import io.naap.contracts.edge.AddressGroup;
import io.naap.contracts.edge.BodyMemory;
import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.edge.EdgeConfig;
import io.naap.contracts.json.JsonLimits;
import io.naap.contracts.keys.ClientAddress;
import io.naap.contracts.problem.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Limits the bodies that are read at once: by key, as many as it may run jobs at once, and by the
 * memory that its tenant and its address may take.
 */
@Singleton
public class Uploads {
  private final BodyReader reader;
  private final ClientAddress clients;
  private final JsonLimits limits;
  private final Vertx vertx;

  /** How many requests are being read, by key. */
  private final Map<String, Long> reading = new ConcurrentHashMap<>();

  Uploads(BodyReader reader, EdgeConfig config, Vertx vertx) {
    this.reader = reader;
    this.clients = new ClientAddress(config.trustedProxies(), config.clientAddressHeader());
    this.limits = config.jsonLimits();
    this.vertx = vertx;
  }

  /**
   * The body of a request.
   *
   * @param owner a tenant, or a gateway
   */
  public Upload of(RoutingContext context, String owner) {
    HttpServerRequest request = context.request();
    BodyMemory.Share memory =
        reader.share(AddressGroup.of(clients.of(request)), Optional.of(owner));
    context.addEndHandler(ended -> memory.release());
    return new Upload(context, reader, memory, limits, vertx);
  }

  /**
   * Counts a request of a key that is being read; {@link #leave} ends it.
   *
   * @param most the key's jobs at once; 0 for any number
   */
  public void enter(String keyId, long most) {
    long now = reading.merge(keyId, 1L, Long::sum);
    if (most > 0 && now > most) {
      leave(keyId);
      throw new Refusal(
              429,
              "limit_reached",
              "Too many requests of this key are being sent at once; a limit is reached:"
                  + " key-concurrent.",
              List.of("key-concurrent"),
              Optional.of(1L))
          .raise();
    }
  }

  public void leave(String keyId) {
    reading.computeIfPresent(keyId, (key, count) -> count > 1 ? count - 1 : null);
  }
}
