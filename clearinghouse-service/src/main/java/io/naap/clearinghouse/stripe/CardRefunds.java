package io.naap.clearinghouse.stripe;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.payment.Payment;
import io.naap.clearinghouse.payment.Receipts;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;

/** Sends money of card payments back: books the refund first, and then asks Stripe for it. */
@ApplicationScoped
class CardRefunds {
  private final StripeApi stripe;
  private final StripeCharges charges;
  private final StripeEvents events;
  private final Ledger ledger;
  private final Receipts receipts;
  private final Outbox outbox;

  CardRefunds(
      StripeApi stripe,
      StripeCharges charges,
      StripeEvents events,
      Ledger ledger,
      Receipts receipts,
      Outbox outbox) {
    this.stripe = stripe;
    this.charges = charges;
    this.events = events;
    this.ledger = ledger;
    this.receipts = receipts;
    this.outbox = outbox;
  }

  /** The tenant of a card payment. */
  Optional<String> tenantOf(String paymentId) {
    return ledger
        .read(
            tx ->
                tx.one(
                    "select tenant_id from payment where id = $1 and kind = 'stripe'", paymentId))
        .map(row -> row.getString("tenant_id"));
  }

  /**
   * Books a refund.
   *
   * @return absent when there is no such card payment, or less is left of it or of the tenant's
   *     credit
   */
  Optional<Payment> book(
      LedgerTransaction transaction, String paymentId, NanoUsd amount, String refundId, String by) {
    Optional<StripeCharges.Charge> charge = charges.lockByPayment(transaction.tx(), paymentId);
    if (charge.isEmpty()
        || charge.get().amount().minus(charge.get().refunded()).compareTo(amount) < 0) {
      return Optional.empty();
    }
    Optional<Payment> booked =
        receipts.out(
            transaction,
            new Receipts.Money(
                charge.get().tenantId(),
                "refund",
                amount,
                AccountRef.cash(StripeCharges.STRIPE),
                "refunded to the card",
                by,
                Optional.of(refundId)),
            false);
    booked.ifPresent(payment -> charges.addRefund(transaction.tx(), charge.get().id(), amount));
    return booked;
  }

  /** Asks Stripe for a refund that is booked; when Stripe refuses, the refund is booked back. */
  StripeApi.Answer send(String paymentId, NanoUsd amount, String refundId) {
    Row payment =
        ledger.read(tx -> tx.one("select * from payment where id = $1", paymentId)).orElseThrow();
    if (wasRefused(refundId)) {
      // The refund was booked back: sent again it might succeed with nothing booked.
      return new StripeApi.Answer.Refused(
          "it was refused before; send another Idempotency-Key to try a new refund");
    }
    String intentId = payment.getString("external_id");
    long cents = StripeCharges.cents(amount);
    StripeApi.Answer answer =
        stripe.post(
            "/v1/refunds",
            Map.of(
                "payment_intent", intentId,
                "amount", Long.toString(cents),
                "metadata[naap_refund]", refundId),
            refundId);
    if (answer instanceof StripeApi.Answer.Refused) {
      Receipts.Money refund =
          StripeCharges.money(
              payment.getString("tenant_id"), "refund", cents, "refunded to the card", refundId);
      ledger.transact(
          transaction -> {
            String charge = charges.lockByIntent(transaction.tx(), intentId).id();
            events.takeBack(transaction, charge, refund, "a refund was refused");
            return null;
          });
      outbox.poke();
    }
    return answer;
  }

  private boolean wasRefused(String refundId) {
    return ledger
        .read(
            tx ->
                tx.one(
                    "select 1 from payment where kind = 'stripe' and external_id = $1",
                    refundId + ":failed"))
        .isPresent();
  }
}
