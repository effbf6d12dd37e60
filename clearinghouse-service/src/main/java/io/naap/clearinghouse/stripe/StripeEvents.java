package io.naap.clearinghouse.stripe;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.payment.Receipts;
import io.naap.store.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Books what Stripe's events report, once for each event and in whatever order they come. */
@ApplicationScoped
class StripeEvents {
  private static final Logger LOG = Logger.getLogger(StripeEvents.class);

  private final StripeApi stripe;
  private final StripeOrigin origin;
  private final StripeCharges charges;
  private final Ledger ledger;
  private final Receipts receipts;
  private final Outbox outbox;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;

  StripeEvents(
      StripeApi stripe,
      StripeOrigin origin,
      StripeCharges charges,
      Ledger ledger,
      Receipts receipts,
      Outbox outbox,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.stripe = stripe;
    this.origin = origin;
    this.charges = charges;
    this.ledger = ledger;
    this.receipts = receipts;
    this.outbox = outbox;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** The outcome of taking an event. */
  enum Taken {
    NEW,
    BEFORE,
    /** Of another product on the same Stripe account. */
    FOREIGN,
    /** Of a payment that is not known yet: nothing is stored, and Stripe must send it again. */
    EARLY,
    NOT_SIGNED
  }

  Taken take(String body, JsonNode event, String signature) {
    if (!stripe.isSigned(body, signature)) {
      return Taken.NOT_SIGNED;
    }
    String type = event.path("type").asText();
    return switch (origin.of(type, event.path("data").path("object"))) {
      case StripeOrigin.Origin.Ours ours -> take(event, type, ours.chargeId());
      case StripeOrigin.Origin.Early early -> {
        LOG.warnf("Stripe sent an event of a payment that is not known yet, type=%s", type);
        yield Taken.EARLY;
      }
      case StripeOrigin.Origin.Foreign foreign -> {
        LOG.debugf("Stripe sent an event of another product, type=%s", type);
        metrics.stripeEvent("foreign");
        yield Taken.FOREIGN;
      }
    };
  }

  private Taken take(JsonNode event, String type, String chargeId) {
    boolean fresh =
        ledger.transact(
            transaction -> {
              int added =
                  transaction
                      .tx()
                      .change(
                          "insert into stripe_event (event_id, type, received_at)"
                              + " values ($1, $2, $3) on conflict do nothing",
                          event.path("id").asText(),
                          type,
                          clock.instant().atOffset(ZoneOffset.UTC));
              if (added > 0) {
                book(transaction, type, event.path("data").path("object"), chargeId);
              }
              return added > 0;
            });
    outbox.poke();
    metrics.stripeEvent(fresh ? "taken" : "repeated");
    return fresh ? Taken.NEW : Taken.BEFORE;
  }

  private void book(LedgerTransaction transaction, String type, JsonNode object, String chargeId) {
    switch (type) {
      case "payment_intent.succeeded" -> paid(transaction, object);
      case "checkout.session.completed", "checkout.session.async_payment_succeeded" ->
          completed(transaction, object, chargeId);
      case "payment_intent.payment_failed" ->
          charges.setStatus(transaction.tx(), chargeId, StripeCharges.Status.FAILED);
      case "refund.created", "refund.updated", "refund.failed" ->
          refund(transaction, object, chargeId);
      case "charge.dispute.created",
          "charge.dispute.updated",
          "charge.dispute.closed",
          "charge.dispute.funds_withdrawn",
          "charge.dispute.funds_reinstated" ->
          dispute(transaction, object, chargeId);
      default -> LOG.debugf("an event of Stripe's needs no booking, type=%s", type);
    }
  }

  /** Stores the customer; the money is booked by the event of the payment intent. */
  private void completed(LedgerTransaction transaction, JsonNode session, String chargeId) {
    String customer = session.path("customer").asText("");
    Optional<StripeCharges.Charge> charge = charges.lock(transaction.tx(), chargeId);
    if (charge.isPresent() && !customer.isEmpty()) {
      charges.saveCustomer(transaction.tx(), charge.get().tenantId(), customer, Optional.empty());
    }
  }

  /** Books a payment intent that succeeded. */
  void paid(LedgerTransaction transaction, JsonNode intent) {
    String chargeId = intent.path("metadata").path("naap_charge").asText();
    String intentId = intent.path("id").asText();
    Optional<StripeCharges.Charge> charge = charges.lock(transaction.tx(), chargeId);
    long cents = intent.path("amount_received").asLong();
    if (charge.isEmpty() || !"usd".equals(intent.path("currency").asText()) || cents <= 0) {
      LOG.errorf("Stripe received money for no charge of this service, intent=%s", intentId);
      return;
    }
    String tenant = charge.get().tenantId();
    receipts.in(
        transaction, StripeCharges.money(tenant, "stripe", cents, "paid by card", intentId));
    charges.paid(transaction.tx(), chargeId, intentId);
    String customer = intent.path("customer").asText("");
    if (!customer.isEmpty() && "off_session".equals(intent.path("setup_future_usage").asText())) {
      charges.saveCustomer(
          transaction.tx(),
          tenant,
          customer,
          Optional.ofNullable(intent.path("payment_method").asText(null)));
    }
  }

  /**
   * Books a refund that was made at Stripe's own dashboard, and takes back a refund that failed.
   * What the tenant has no credit for becomes its debt.
   */
  private void refund(LedgerTransaction transaction, JsonNode refund, String chargeId) {
    String own = refund.path("metadata").path("naap_refund").asText("");
    String id = own.isEmpty() ? refund.path("id").asText() : own;
    StripeCharges.Charge charge = charges.lock(transaction.tx(), chargeId).orElseThrow();
    Receipts.Money out =
        StripeCharges.money(
            charge.tenantId(),
            "refund",
            refund.path("amount").asLong(),
            "refunded to the card",
            id);
    if (!receipts.isBooked(transaction, out)) {
      receipts.out(transaction, out, true);
      charges.addRefund(transaction.tx(), charge.id(), out.amount());
    }
    String status = refund.path("status").asText();
    if ("failed".equals(status) || "canceled".equals(status)) {
      takeBack(transaction, charge.id(), out, "a refund failed");
    }
  }

  /** Books a refund back that did not happen, once. */
  void takeBack(
      LedgerTransaction transaction, String chargeId, Receipts.Money refund, String reason) {
    Receipts.Money back =
        StripeCharges.money(
            refund.tenantId(),
            "stripe",
            StripeCharges.cents(refund.amount()),
            reason,
            refund.externalId().orElseThrow() + ":failed");
    if (!receipts.isBooked(transaction, back)) {
      receipts.in(transaction, back);
      charges.addRefund(transaction.tx(), chargeId, refund.amount().negated());
      LOG.warnf("%s, refund=%s", reason, refund.externalId().orElse(""));
    }
  }

  /** Books a dispute, which takes the money away at once; a dispute that is won returns it. */
  private void dispute(LedgerTransaction transaction, JsonNode dispute, String chargeId) {
    String tenant = charges.lock(transaction.tx(), chargeId).orElseThrow().tenantId();
    String id = dispute.path("id").asText();
    long cents = dispute.path("amount").asLong();
    String status = dispute.path("status").asText();
    if (status.startsWith("warning")) {
      return;
    }
    receipts.out(
        transaction,
        StripeCharges.money(tenant, "dispute", cents, "disputed by the card's owner", id),
        true);
    LOG.warnf("a payment is disputed, dispute=%s tenant=%s status=%s", id, tenant, status);
    if ("won".equals(status)) {
      receipts.in(
          transaction,
          StripeCharges.money(tenant, "stripe", cents, "a dispute was won", id + ":won"));
    }
  }
}
