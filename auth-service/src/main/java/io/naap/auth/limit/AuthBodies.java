package io.naap.auth.limit;

import io.naap.auth.audit.Origin;
import io.naap.contracts.edge.BodyRule;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Limits the bodies that anybody may send: small sizes, and a rate per client address that is
 * checked before a body is read, see {@link ClientLimits}.
 */
@Singleton
public class AuthBodies implements BodyRule.Table {
  private static final long SIGNED_MESSAGE_BYTES = 8_192;
  private static final long FORM_BYTES = 16_384;

  private final ClientLimits limits;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  AuthBodies(ClientLimits limits) {
    this.limits = limits;
  }

  @Override
  public List<BodyRule> rules() {
    return List.of(
        limited("/auth/siwe/verify", SIGNED_MESSAGE_BYTES, "verify"),
        limited("/oauth/token", FORM_BYTES, "token"),
        limited("/oauth/introspect", FORM_BYTES, "token"),
        limited("/oauth/revoke", FORM_BYTES, "token"),
        limited("/oauth/device_authorization", FORM_BYTES, "device"));
  }

  private BodyRule limited(String path, long mostBytes, String endpoint) {
    return new BodyRule(path, mostBytes, context -> check(endpoint, context));
  }

  /** Counts on a virtual thread, because counting waits for Redis. */
  private Uni<Void> check(String endpoint, RoutingContext context) {
    Origin origin = Origin.of(context);
    return Uni.createFrom()
        .voidItem()
        .invoke(
            () ->
                limits
                    .check(endpoint, origin)
                    .ifPresent(
                        refusal -> {
                          throw refusal.raise();
                        }))
        .runSubscriptionOn(workers);
  }
}
