package io.naap.clearinghouse.stripe;

import io.naap.contracts.edge.BodyRule;
import io.naap.contracts.problem.Refusal;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides whether the body of a webhook request is read: card payments must be configured, and the
 * signature header must have Stripe's form and a recent time. The signature itself is checked with
 * the body.
 */
@Singleton
public class StripeBodies implements BodyRule.Table {
  private static final String PATH = "/hooks/stripe";
  private static final long MOST_BYTES = 256 * 1024;

  /** {@code t=1700000000,v1=<64 hexadecimal digits>}, perhaps with other schemes. */
  private static final Pattern SIGNATURE =
      Pattern.compile("(?:.*,)?t=([0-9]{1,12})(?:,.*)?,v1=[0-9a-f]{64}(?:,.*)?");

  private static final int LONGEST_SIGNATURE = 1_024;

  private final StripeConfig config;
  private final Clock clock;

  StripeBodies(StripeConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  @Override
  public List<BodyRule> rules() {
    return List.of(new BodyRule(PATH, MOST_BYTES, this::judge));
  }

  private Uni<Void> judge(RoutingContext context) {
    return mayBeStripes(context.request().getHeader("Stripe-Signature"))
        ? Uni.createFrom().voidItem()
        : Uni.createFrom()
            .failure(
                Refusal.of(400, "not_signed", "The signature is not Stripe's, or is old.").raise());
  }

  boolean mayBeStripes(String signature) {
    if (config.webhookSecret().isEmpty()
        || signature == null
        || signature.length() > LONGEST_SIGNATURE) {
      return false;
    }
    Matcher parts = SIGNATURE.matcher(signature);
    return parts.matches()
        && Long.parseLong(parts.group(1))
            >= clock.instant().minus(config.tolerance()).getEpochSecond();
  }
}
