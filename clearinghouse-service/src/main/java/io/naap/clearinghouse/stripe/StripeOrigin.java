package io.naap.clearinghouse.stripe;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides whether an object of Stripe's belongs to this service. One Stripe account may sell other
 * products too; their events arrive here as well and are ignored. An object is ours when it carries
 * metadata that we set, is of a payment intent that we made or of a checkout that we made, whatever
 * its type.
 */
@ApplicationScoped
class StripeOrigin {
  private static final Pattern INTENT = Pattern.compile("pi_[A-Za-z0-9_]{1,250}");

  /** A checkout page of Stripe's is open for a day; its payment may be under way for some more. */
  private static final Duration OPEN = Duration.ofDays(7);

  private final Ledger ledger;
  private final StripeApi stripe;
  private final Clock clock;

  StripeOrigin(Ledger ledger, StripeApi stripe, Clock clock) {
    this.ledger = ledger;
    this.stripe = stripe;
    this.clock = clock;
  }

  /** The origin of an object. */
  sealed interface Origin {
    /** Of this charge, which we asked Stripe for. */
    record Ours(String chargeId) implements Origin {}

    /** It may belong to a charge whose payment is not booked yet. */
    record Early() implements Origin {}

    /** Of another product. */
    record Foreign() implements Origin {}
  }

  /** Not in a transaction: Stripe itself may be asked. */
  Origin of(String type, JsonNode object) {
    Optional<Known> known = known(object, type);
    boolean follows = type.startsWith("refund.") || type.startsWith("charge.dispute.");
    if (known.isPresent()) {
      // Refunds and disputes wait until their payment is booked.
      return follows && !known.get().isPaid()
          ? new Origin.Early()
          : new Origin.Ours(known.get().chargeId());
    }
    String intent = intent(object);
    if (!follows || !INTENT.matcher(intent).matches()) {
      // Intents and sessions of this service carry its metadata from the moment they are made.
      return new Origin.Foreign();
    }
    return switch (stripe.get("/v1/payment_intents/" + intent)) {
      case StripeApi.Answer.Done done when intent.equals(done.object().path("id").asText()) ->
          known(done.object(), "payment_intent").isPresent()
              ? new Origin.Early()
              : new Origin.Foreign();
      case StripeApi.Answer.Done other -> early();
      // Our account has no such intent; any other refusal is about us, and may be over later.
      case StripeApi.Answer.Refused refused ->
          refused.reason().equals("resource_missing") ? new Origin.Foreign() : new Origin.Early();
      case StripeApi.Answer.Unknown unknown -> new Origin.Early();
    };
  }

  private record Known(String chargeId, boolean isPaid) {}

  /** When Stripe's answer does not tell, the object may belong to any open charge. */
  private Origin early() {
    return ledger
            .read(
                tx ->
                    tx.one(
                        "select 1 from stripe_charge where payment_intent_id is null"
                            + " and status = 'open' and created_at > $1 limit 1",
                        clock.instant().minus(OPEN).atOffset(java.time.ZoneOffset.UTC)))
            .isPresent()
        ? new Origin.Early()
        : new Origin.Foreign();
  }

  private Optional<Known> known(JsonNode object, String type) {
    String charge = object.path("metadata").path("naap_charge").asText("");
    String intent = type.startsWith("payment_intent") ? text(object, "id") : intent(object);
    String session = type.startsWith("checkout.") ? text(object, "id") : "";
    return ledger
        .read(tx -> find(tx, charge, intent, session))
        .map(row -> new Known(row.getString("id"), row.getString("payment_intent_id") != null));
  }

  private static Optional<Row> find(Tx tx, String charge, String intent, String session) {
    return tx.one(
        """
        select c.id, c.payment_intent_id from stripe_charge c
        where (c.id = $1 and $1 <> '') or (c.payment_intent_id = $2 and $2 <> '')
          or (c.checkout_session_id = $3 and $3 <> '')
        limit 1""",
        charge,
        intent,
        session);
  }

  /** The intent an object is of: an id, or the whole object where Stripe was asked to expand it. */
  private static String intent(JsonNode object) {
    JsonNode intent = object.path("payment_intent");
    return intent.isObject() ? intent.path("id").asText("") : intent.asText("");
  }

  private static String text(JsonNode object, String field) {
    return object.path(field).asText("");
  }
}
