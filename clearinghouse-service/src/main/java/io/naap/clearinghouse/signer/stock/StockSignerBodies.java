package io.naap.clearinghouse.signer.stock;

import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.contracts.edge.BodyRule;
import io.naap.contracts.problem.Refusal;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;

/** Reads the body of a stock signer's question only when the webhook's secret was sent with it. */
@Singleton
public class StockSignerBodies implements BodyRule.Table {
  private static final long MOST_BYTES = 64 * 1024;

  private final SignerConfig config;

  StockSignerBodies(SignerConfig config) {
    this.config = config;
  }

  @Override
  public List<BodyRule> rules() {
    return List.of(new BodyRule("/hooks/livepeer-signer", MOST_BYTES, this::judge));
  }

  private Uni<Void> judge(RoutingContext context) {
    String secret = context.request().getHeader("Livepeer-Clearinghouse-Token");
    return config.webhookSecret().isPresent() && config.webhookSecret().get().matches(secret)
        ? Uni.createFrom().voidItem()
        : Uni.createFrom()
            .failure(
                Refusal.of(
                        401,
                        "unauthorized",
                        "Send the webhook's secret in Livepeer-Clearinghouse-Token.")
                    .raise());
  }
}
