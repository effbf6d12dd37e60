package io.naap.clearinghouse.stripe;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.payment.Receipts;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;

/**
 * The charges that this service asked Stripe for, and the customers that Stripe knows tenants as. A
 * charge is stored before Stripe is asked, and its id is Stripe's idempotency key.
 */
@ApplicationScoped
class StripeCharges {
  static final long NANOS_A_CENT = 10_000_000;

  /** The owner of the cash account, and the author of payments that Stripe reports. */
  static final String STRIPE = "stripe";

  private final Ledger ledger;
  private final Clock clock;

  StripeCharges(Ledger ledger, Clock clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /** The status of a charge. */
  enum Status {
    OPEN,
    PAID,
    FAILED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A charge whose row is locked. */
  record Charge(String id, String tenantId, NanoUsd amount, NanoUsd refunded) {
    static Charge read(Row row) {
      return new Charge(
          row.getString("id"),
          row.getString("tenant_id"),
          NanoUsd.ofNanos(row.getLong("amount")),
          NanoUsd.ofNanos(row.getLong("refunded")));
    }
  }

  /** A tenant as Stripe knows it. */
  record Customer(String id, Optional<String> paymentMethod) {}

  /** Whole cents, rounded up. */
  static long cents(NanoUsd amount) {
    return Math.ceilDiv(amount.nanos(), NANOS_A_CENT);
  }

  /** Money that moved at Stripe, as it is booked. */
  static Receipts.Money money(
      String tenant, String kind, long cents, String reason, String externalId) {
    return new Receipts.Money(
        tenant,
        kind,
        NanoUsd.ofNanos(Math.multiplyExact(cents, NANOS_A_CENT)),
        AccountRef.cash(STRIPE),
        reason,
        STRIPE,
        Optional.of(externalId));
  }

  /** Stores a charge that Stripe will be asked for. */
  void open(Tx tx, String chargeId, String tenantId, NanoUsd amount) {
    tx.change(
        """
        insert into stripe_charge (id, tenant_id, amount, status, created_at, updated_at)
        values ($1, $2, $3, 'open', $4, $4) on conflict do nothing""",
        chargeId,
        tenantId,
        amount.nanos(),
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  /** Locks a charge; absent when there is no such charge. */
  Optional<Charge> lock(Tx tx, String chargeId) {
    return tx.one("select * from stripe_charge where id = $1 for update", chargeId)
        .map(Charge::read);
  }

  /** Locks the charge of a payment intent of Stripe's. */
  Charge lockByIntent(Tx tx, String intentId) {
    return tx.one("select * from stripe_charge where payment_intent_id = $1 for update", intentId)
        .map(Charge::read)
        .orElseThrow();
  }

  /** Locks the charge of a card payment; absent when the payment is not one. */
  Optional<Charge> lockByPayment(Tx tx, String paymentId) {
    return tx.one(
            """
            select c.* from payment p join stripe_charge c on c.payment_intent_id = p.external_id
            where p.id = $1 and p.kind = 'stripe' for update of c""",
            paymentId)
        .map(Charge::read);
  }

  /** Sets the status of a charge that is not paid. */
  int setStatus(Tx tx, String chargeId, Status status) {
    return tx.change(
        "update stripe_charge set status = $2, updated_at = $3 where id = $1 and status <> 'paid'",
        chargeId,
        status.wireName(),
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  void failed(String chargeId) {
    ledger.read(tx -> setStatus(tx, chargeId, Status.FAILED));
  }

  void paid(Tx tx, String chargeId, String intentId) {
    tx.change(
        "update stripe_charge set status = 'paid', payment_intent_id = $2 where id = $1",
        chargeId,
        intentId);
  }

  void setCheckout(String chargeId, String sessionId) {
    ledger.read(
        tx ->
            tx.change(
                "update stripe_charge set checkout_session_id = $2 where id = $1",
                chargeId,
                sessionId));
  }

  /** Adds to what was refunded of a charge; a negative amount takes a failed refund back. */
  void addRefund(Tx tx, String chargeId, NanoUsd amount) {
    tx.change(
        "update stripe_charge set refunded = least(amount, greatest(0, refunded + $2))"
            + " where id = $1",
        chargeId,
        amount.nanos());
  }

  /** True when another top-up of the tenant is open and not older than {@code within}. */
  boolean isTopUpOpen(Tx tx, String tenantId, String exceptChargeId, Duration within) {
    return tx.one(
            "select 1 from stripe_charge where tenant_id = $1 and id <> $2"
                + " and id like 'evt\\_%' and status = 'open' and created_at > $3",
            tenantId, exceptChargeId, clock.instant().minus(within).atOffset(ZoneOffset.UTC))
        .isPresent();
  }

  Optional<Customer> customer(String tenantId) {
    return ledger
        .read(tx -> tx.one("select * from stripe_customer where tenant_id = $1", tenantId))
        .map(
            row ->
                new Customer(
                    row.getString("customer_id"),
                    Optional.ofNullable(row.getString("payment_method_id"))));
  }

  /** Stores a customer; a payment method that is stored already stays when none is given. */
  void saveCustomer(Tx tx, String tenantId, String customerId, Optional<String> paymentMethod) {
    tx.change(
        """
        insert into stripe_customer (tenant_id, customer_id, payment_method_id, created_at)
        values ($1, $2, $3, now())
        on conflict (tenant_id) do update set payment_method_id =
          coalesce(excluded.payment_method_id, stripe_customer.payment_method_id)""",
        tenantId,
        customerId,
        paymentMethod.orElse(null));
  }
}
