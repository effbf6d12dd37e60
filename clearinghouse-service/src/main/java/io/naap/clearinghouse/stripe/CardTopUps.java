package io.naap.clearinghouse.stripe;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.TenantMoney;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Charges a tenant's saved card when metering announces that its balance is low. */
@ApplicationScoped
class CardTopUps {
  private static final Logger LOG = Logger.getLogger(CardTopUps.class);

  /** Within this time Stripe reports the end of a card payment. */
  private static final Duration OPEN = Duration.ofDays(1);

  private final StripeApi stripe;
  private final StripeCharges charges;
  private final StripeEvents events;
  private final Ledger ledger;
  private final Outbox outbox;
  private final ClearinghouseMetrics metrics;

  CardTopUps(
      StripeApi stripe,
      StripeCharges charges,
      StripeEvents events,
      Ledger ledger,
      Outbox outbox,
      ClearinghouseMetrics metrics) {
    this.stripe = stripe;
    this.charges = charges;
    this.events = events;
    this.ledger = ledger;
    this.outbox = outbox;
    this.metrics = metrics;
  }

  /**
   * Charges the card, once for each event; returns when the event may be acknowledged.
   *
   * @throws StripeAwayException when Stripe does not answer: the event is taken again
   */
  void charge(TopUpWanted wanted) {
    Optional<StripeCharges.Customer> customer =
        charges.customer(wanted.tenantId()).filter(one -> one.paymentMethod().isPresent());
    if (!stripe.isOn() || customer.isEmpty()) {
      LOG.warnf("a tenant has no saved card to top up with, tenant=%s", wanted.tenantId());
      metrics.toppedUp("no_card");
      return;
    }
    if (!isNeeded(wanted)) {
      LOG.infof("a top-up is not needed, or another one is open, tenant=%s", wanted.tenantId());
      metrics.toppedUp("not_needed");
      return;
    }
    String chargeId = wanted.eventId();
    long cents = StripeCharges.cents(wanted.amount());
    NanoUsd amount = NanoUsd.ofNanos(cents * StripeCharges.NANOS_A_CENT);
    ledger.transact(
        transaction -> {
          charges.open(transaction.tx(), chargeId, wanted.tenantId(), amount);
          return null;
        });
    switch (stripe.post("/v1/payment_intents", form(customer.get(), cents, chargeId), chargeId)) {
      case StripeApi.Answer.Done done -> charged(wanted, chargeId, done.object());
      case StripeApi.Answer.Refused refused -> {
        LOG.warnf(
            "a top-up was declined, tenant=%s reason=%s", wanted.tenantId(), refused.reason());
        metrics.toppedUp(
            "authentication_required".equals(refused.reason()) ? "requires_action" : "declined");
        charges.failed(chargeId);
      }
      case StripeApi.Answer.Unknown unknown -> throw new StripeAwayException();
    }
  }

  /** Stripe did not answer. */
  static final class StripeAwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StripeAwayException() {
      super("Stripe does not answer; the top-up is tried again");
    }
  }

  private static Map<String, String> form(
      StripeCharges.Customer customer, long cents, String chargeId) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("amount", Long.toString(cents));
    form.put("currency", "usd");
    form.put("customer", customer.id());
    form.put("payment_method", customer.paymentMethod().orElseThrow());
    form.put("off_session", "true");
    form.put("confirm", "true");
    form.put("metadata[naap_charge]", chargeId);
    return form;
  }

  /** Books money that has moved; money that moves later is reported by an event. */
  private void charged(TopUpWanted wanted, String chargeId, JsonNode intent) {
    String status = intent.path("status").asText();
    switch (status) {
      case "succeeded" -> {
        ledger.transact(
            transaction -> {
              events.paid(transaction, intent);
              return null;
            });
        outbox.poke();
        metrics.toppedUp("paid");
      }
      case "processing" -> metrics.toppedUp("processing");
      default -> {
        // The card's owner would have to confirm the payment, and is not present.
        LOG.warnf("a top-up was not paid, tenant=%s status=%s", wanted.tenantId(), status);
        metrics.toppedUp("requires_action");
        charges.failed(chargeId);
      }
    }
  }

  /** False while another top-up is open, or when the balance is not below the mark any more. */
  private boolean isNeeded(TopUpWanted wanted) {
    return ledger.read(
        tx ->
            !charges.isTopUpOpen(tx, wanted.tenantId(), wanted.eventId(), OPEN)
                && wanted
                    .below()
                    .map(below -> TenantMoney.balance(tx, wanted.tenantId()).compareTo(below) < 0)
                    .orElse(true));
  }
}
