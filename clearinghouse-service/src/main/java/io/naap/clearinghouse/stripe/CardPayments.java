package io.naap.clearinghouse.stripe;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.TenantMoney;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.payment.Payment;
import io.naap.clearinghouse.payment.Receipts;
import io.naap.contracts.events.TopUpWanted;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.problem.Refusal;
import io.naap.store.outbox.Outbox;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What is asked of Stripe, and what is made of what it tells. */
@ApplicationScoped
public class CardPayments {
  private static final Logger LOG = Logger.getLogger(CardPayments.class);
  private static final String KEEPER = "stripe";
  private static final long NANOS_A_CENT = 10_000_000;

  /** Stripe says within this what became of a card payment. */
  private static final Duration UNDER_WAY = Duration.ofDays(1);

  private final StripeApi stripe;
  private final StripeOrigin origin;
  private final Ledger ledger;
  private final Receipts receipts;
  private final Outbox outbox;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;

  CardPayments(
      StripeApi stripe,
      StripeOrigin origin,
      Ledger ledger,
      Receipts receipts,
      Outbox outbox,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.stripe = stripe;
    this.origin = origin;
    this.ledger = ledger;
    this.receipts = receipts;
    this.outbox = outbox;
    this.clock = clock;
    this.metrics = metrics;
  }

  boolean isOn() {
    return stripe.isOn();
  }

  /** Remembers what will be asked, in the caller's transaction. */
  void remember(LedgerTransaction books, String chargeId, String tenantId, NanoUsd amount) {
    Instant now = clock.instant();
    books
        .tx()
        .change(
            """
            insert into stripe_charge (id, tenant_id, amount, status, created_at, updated_at)
            values ($1, $2, $3, 'open', $4, $4) on conflict do nothing""",
            chargeId,
            tenantId,
            amount.nanos(),
            now.atOffset(ZoneOffset.UTC));
  }

  /** A page of Stripe's where the tenant pays; the same charge always gets the same page. */
  StripeApi.Answer checkout(
      String chargeId,
      String tenantId,
      NanoUsd amount,
      boolean saveCard,
      String successUrl,
      String cancelUrl) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("mode", "payment");
    form.put("success_url", successUrl);
    form.put("cancel_url", cancelUrl);
    form.put("client_reference_id", tenantId);
    form.put("line_items[0][quantity]", "1");
    form.put("line_items[0][price_data][currency]", "usd");
    form.put("line_items[0][price_data][unit_amount]", Long.toString(cents(amount)));
    form.put("line_items[0][price_data][product_data][name]", "Prepaid credit");
    form.put("metadata[naap_charge]", chargeId);
    form.put("payment_intent_data[metadata][naap_charge]", chargeId);
    customer(tenantId).ifPresent(customer -> form.put("customer", customer.id()));
    if (saveCard) {
      form.put("payment_intent_data[setup_future_usage]", "off_session");
      if (!form.containsKey("customer")) {
        form.put("customer_creation", "always");
      }
    }
    StripeApi.Answer answer = stripe.post("/v1/checkout/sessions", form, chargeId);
    if (answer instanceof StripeApi.Answer.Done done) {
      ledger.read(
          tx ->
              tx.change(
                  "update stripe_charge set checkout_session_id = $2 where id = $1",
                  chargeId,
                  done.object().path("id").asText()));
    }
    return answer;
  }

  private record Customer(String id, Optional<String> paymentMethod) {}

  private Optional<Customer> customer(String tenantId) {
    return ledger
        .read(tx -> tx.one("select * from stripe_customer where tenant_id = $1", tenantId))
        .map(
            row ->
                new Customer(
                    row.getString("customer_id"),
                    Optional.ofNullable(row.getString("payment_method_id"))));
  }

  /** Charges the saved card, once an event; returns when it may be acknowledged. */
  void topUp(TopUpWanted wanted) {
    Optional<Customer> customer =
        customer(wanted.tenantId()).filter(one -> one.paymentMethod().isPresent());
    if (!isOn() || customer.isEmpty()) {
      LOG.warnf("no card to top up with, tenant=%s", wanted.tenantId());
      metrics.toppedUp("no_card");
      return;
    }
    if (!isNeeded(wanted)) {
      LOG.infof("a top-up is not needed any more, or is under way, tenant=%s", wanted.tenantId());
      metrics.toppedUp("not_needed");
      return;
    }
    NanoUsd amount = NanoUsd.ofNanos(cents(wanted.amount()) * NANOS_A_CENT);
    String chargeId = wanted.eventId();
    ledger.transact(
        books -> {
          remember(books, chargeId, wanted.tenantId(), amount);
          return null;
        });
    Map<String, String> form = new LinkedHashMap<>();
    form.put("amount", Long.toString(cents(amount)));
    form.put("currency", "usd");
    form.put("customer", customer.get().id());
    form.put("payment_method", customer.get().paymentMethod().orElseThrow());
    form.put("off_session", "true");
    form.put("confirm", "true");
    form.put("metadata[naap_charge]", chargeId);
    switch (stripe.post("/v1/payment_intents", form, chargeId)) {
      case StripeApi.Answer.Done done -> charged(wanted, chargeId, done.object());
      case StripeApi.Answer.Refused refused -> {
        LOG.warnf(
            "a top-up was declined, tenant=%s reason=%s", wanted.tenantId(), refused.reason());
        metrics.toppedUp(
            "authentication_required".equals(refused.reason()) ? "requires_action" : "declined");
        ledger.read(tx -> setStatus(tx, chargeId, "failed"));
      }
      case StripeApi.Answer.Unknown unknown ->
          throw new IllegalStateException("Stripe does not answer; the top-up is tried again");
    }
  }

  /** Only money that has moved is booked; what moves later is told by an event. */
  private void charged(TopUpWanted wanted, String chargeId, JsonNode intent) {
    String status = intent.path("status").asText();
    switch (status) {
      case "succeeded" -> {
        ledger.transact(
            books -> {
              paid(books, intent);
              return null;
            });
        outbox.poke();
        metrics.toppedUp("paid");
      }
      case "processing" -> metrics.toppedUp("processing");
      default -> {
        // The card's owner would have to confirm it, and is not here.
        LOG.warnf("a top-up was not paid, tenant=%s status=%s", wanted.tenantId(), status);
        metrics.toppedUp("requires_action");
        ledger.read(tx -> setStatus(tx, chargeId, "failed"));
      }
    }
  }

  /** Not when another top-up is under way, or the balance is not below the mark any more. */
  private boolean isNeeded(TopUpWanted wanted) {
    return ledger.read(
        tx -> {
          boolean underWay =
              tx.one(
                      "select 1 from stripe_charge where tenant_id = $1 and id <> $2"
                          + " and id like 'evt\\_%' and status = 'open' and created_at > $3",
                      wanted.tenantId(),
                      wanted.eventId(),
                      clock.instant().minus(UNDER_WAY).atOffset(ZoneOffset.UTC))
                  .isPresent();
          return !underWay
              && wanted
                  .below()
                  .map(below -> TenantMoney.balance(tx, wanted.tenantId()).compareTo(below) < 0)
                  .orElse(true);
        });
  }

  private int setStatus(io.naap.store.Tx tx, String chargeId, String status) {
    return tx.change(
        "update stripe_charge set status = $2, updated_at = $3 where id = $1 and status <> 'paid'",
        chargeId,
        status,
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  /** What an event of Stripe's came to. */
  enum Taken {
    NEW,
    BEFORE,
    /** Of another product on the same account. */
    FOREIGN,
    NOT_SIGNED
  }

  Taken take(String body, JsonNode event, String signature) {
    if (!stripe.isSigned(body, signature)) {
      return Taken.NOT_SIGNED;
    }
    String type = event.path("type").asText();
    JsonNode object = event.path("data").path("object");
    Optional<String> charge =
        switch (origin.of(type, object)) {
          case StripeOrigin.Origin.Ours ours -> Optional.of(ours.chargeId());
          case StripeOrigin.Origin.Early early -> {
            // Its payment's own event may be on the way: nothing is kept, and Stripe sends it
            // again.
            LOG.warnf("an event of no payment known yet, type=%s", type);
            throw Refusal.unavailable("The payment is not known yet.").raise();
          }
          case StripeOrigin.Origin.Foreign foreign -> {
            LOG.debugf("an event of another product, type=%s", type);
            yield Optional.empty();
          }
        };
    if (charge.isEmpty()) {
      metrics.stripeEvent("foreign");
      return Taken.FOREIGN;
    }
    boolean fresh =
        ledger.transact(
            books -> {
              int added =
                  books
                      .tx()
                      .change(
                          "insert into stripe_event (event_id, type, received_at)"
                              + " values ($1, $2, $3) on conflict do nothing",
                          event.path("id").asText(),
                          type,
                          clock.instant().atOffset(ZoneOffset.UTC));
              if (added > 0) {
                handle(books, type, object, charge.get());
              }
              return added > 0;
            });
    outbox.poke();
    metrics.stripeEvent(fresh ? "taken" : "repeated");
    return fresh ? Taken.NEW : Taken.BEFORE;
  }

  private void handle(LedgerTransaction books, String type, JsonNode object, String chargeId) {
    switch (type) {
      case "payment_intent.succeeded" -> paid(books, object);
      case "checkout.session.completed", "checkout.session.async_payment_succeeded" ->
          completed(books, object, chargeId);
      case "payment_intent.payment_failed" -> setStatus(books.tx(), chargeId, "failed");
      case "refund.created", "refund.updated", "refund.failed" -> refund(books, object, chargeId);
      case "charge.dispute.created",
          "charge.dispute.updated",
          "charge.dispute.closed",
          "charge.dispute.funds_withdrawn",
          "charge.dispute.funds_reinstated" ->
          dispute(books, object, chargeId);
      default -> LOG.debugf("nothing to do, type=%s", type);
    }
  }

  /** The intent's own event books the money; this one knows the customer. */
  private static void completed(LedgerTransaction books, JsonNode session, String chargeId) {
    String customer = session.path("customer").asText("");
    Optional<Row> charge = charge(books, chargeId);
    if (charge.isPresent() && !customer.isEmpty()) {
      saveCustomer(books, charge.get().getString("tenant_id"), customer, null);
    }
  }

  private static void saveCustomer(
      LedgerTransaction books, String tenantId, String customer, String paymentMethod) {
    books
        .tx()
        .change(
            """
            insert into stripe_customer (tenant_id, customer_id, payment_method_id, created_at)
            values ($1, $2, $3, now())
            on conflict (tenant_id) do update set payment_method_id =
              coalesce(excluded.payment_method_id, stripe_customer.payment_method_id)""",
            tenantId,
            customer,
            paymentMethod);
  }

  private static Optional<Row> charge(LedgerTransaction books, String chargeId) {
    return books.tx().one("select * from stripe_charge where id = $1 for update", chargeId);
  }

  private void paid(LedgerTransaction books, JsonNode intent) {
    String chargeId = intent.path("metadata").path("naap_charge").asText();
    Optional<Row> charge = charge(books, chargeId);
    long cents = intent.path("amount_received").asLong();
    if (charge.isEmpty() || !"usd".equals(intent.path("currency").asText()) || cents <= 0) {
      LOG.errorf(
          "money at Stripe that nobody here asked for, intent=%s", intent.path("id").asText());
      return;
    }
    String tenant = charge.get().getString("tenant_id");
    receipts.in(books, money(tenant, "stripe", cents, "paid by card", intent.path("id").asText()));
    books
        .tx()
        .change(
            "update stripe_charge set status = 'paid', payment_intent_id = $2 where id = $1",
            chargeId,
            intent.path("id").asText());
    String customer = intent.path("customer").asText("");
    if (!customer.isEmpty() && "off_session".equals(intent.path("setup_future_usage").asText())) {
      saveCustomer(books, tenant, customer, intent.path("payment_method").asText(null));
    }
  }

  private static Receipts.Money money(
      String tenant, String kind, long cents, String reason, String externalId) {
    return new Receipts.Money(
        tenant,
        kind,
        NanoUsd.ofNanos(Math.multiplyExact(cents, NANOS_A_CENT)),
        AccountRef.cash(KEEPER),
        reason,
        KEEPER,
        Optional.of(externalId));
  }

  /**
   * Stripe has sent money back, or could not; what is no more there is owed. A refund that failed
   * may be asked for again.
   */
  private void refund(LedgerTransaction books, JsonNode refund, String chargeId) {
    String own = refund.path("metadata").path("naap_refund").asText("");
    String id = own.isEmpty() ? refund.path("id").asText() : own;
    Optional<Row> charge = charge(books, chargeId);
    String tenant = charge.orElseThrow().getString("tenant_id");
    Receipts.Money out =
        money(tenant, "refund", refund.path("amount").asLong(), "refunded to the card", id);
    if (!receipts.isBooked(books, out)) {
      // Somebody made it at Stripe's own desk.
      receipts.out(books, out, true);
      refunded(books, charge.get().getString("id"), out.amount());
    }
    String status = refund.path("status").asText();
    if ("failed".equals(status) || "canceled".equals(status)) {
      failed(books, charge.get().getString("id"), out, "a refund failed");
    }
  }

  /** Takes a refund back that did not happen, once. */
  private void failed(
      LedgerTransaction books, String chargeId, Receipts.Money refund, String reason) {
    Receipts.Money back =
        new Receipts.Money(
            refund.tenantId(),
            "stripe",
            refund.amount(),
            AccountRef.cash(KEEPER),
            reason,
            KEEPER,
            refund.externalId().map(id -> id + ":failed"));
    if (!receipts.isBooked(books, back)) {
      receipts.in(books, back);
      refunded(books, chargeId, refund.amount().negated());
      LOG.warnf("%s, refund=%s", reason, refund.externalId().orElse(""));
    }
  }

  private static void refunded(LedgerTransaction books, String chargeId, NanoUsd amount) {
    books
        .tx()
        .change(
            "update stripe_charge set refunded = least(amount, greatest(0, refunded + $2))"
                + " where id = $1",
            chargeId,
            amount.nanos());
  }

  /** A dispute takes the money away at once; when it is won, the money comes back. */
  private void dispute(LedgerTransaction books, JsonNode dispute, String chargeId) {
    String tenant = charge(books, chargeId).orElseThrow().getString("tenant_id");
    String id = dispute.path("id").asText();
    long cents = dispute.path("amount").asLong();
    String status = dispute.path("status").asText();
    if (status.startsWith("warning")) {
      return;
    }
    receipts.out(books, money(tenant, "dispute", cents, "disputed by the card's owner", id), true);
    LOG.warnf("a payment is disputed, dispute=%s tenant=%s status=%s", id, tenant, status);
    if ("won".equals(status)) {
      receipts.in(books, money(tenant, "stripe", cents, "a dispute was won", id + ":won"));
    }
  }

  /**
   * Sends money of a card payment back.
   *
   * @return nothing when the payment is not known, or less is left of it or of the tenant's credit
   */
  Optional<Payment> bookRefund(
      LedgerTransaction books, String paymentId, NanoUsd amount, String refundId, String by) {
    Optional<Row> charge =
        books
            .tx()
            .one(
                """
                select c.* from payment p join stripe_charge c on c.payment_intent_id = p.external_id
                where p.id = $1 and p.kind = 'stripe' for update of c""",
                paymentId);
    if (charge.isEmpty()
        || charge.get().getLong("amount") - charge.get().getLong("refunded") < amount.nanos()) {
      return Optional.empty();
    }
    Optional<Payment> booked =
        receipts.out(
            books,
            new Receipts.Money(
                charge.get().getString("tenant_id"),
                "refund",
                amount,
                AccountRef.cash(KEEPER),
                "refunded to the card",
                by,
                Optional.of(refundId)),
            false);
    booked.ifPresent(payment -> refunded(books, charge.get().getString("id"), amount));
    return booked;
  }

  /** Asks Stripe for a refund that is booked; a definite no is booked back. */
  StripeApi.Answer sendRefund(String paymentId, NanoUsd amount, String refundId) {
    Row payment =
        ledger.read(tx -> tx.one("select * from payment where id = $1", paymentId)).orElseThrow();
    if (wasRefused(refundId)) {
      // It was booked back; sent again it might succeed, with nothing booked.
      return new StripeApi.Answer.Refused(
          "it was refused before; send another Idempotency-Key to try a new refund");
    }
    StripeApi.Answer answer =
        stripe.post(
            "/v1/refunds",
            Map.of(
                "payment_intent", payment.getString("external_id"),
                "amount", Long.toString(cents(amount)),
                "metadata[naap_refund]", refundId),
            refundId);
    if (answer instanceof StripeApi.Answer.Refused) {
      ledger.transact(
          books -> {
            String charge =
                books
                    .tx()
                    .one(
                        "select id from stripe_charge where payment_intent_id = $1 for update",
                        payment.getString("external_id"))
                    .orElseThrow()
                    .getString("id");
            failed(
                books,
                charge,
                money(
                    payment.getString("tenant_id"),
                    "refund",
                    cents(amount),
                    "refunded to the card",
                    refundId),
                "a refund was refused");
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

  /** The tenant of a card payment. */
  Optional<String> tenantOf(String paymentId) {
    return ledger
        .read(
            tx ->
                tx.one(
                    "select tenant_id from payment where id = $1 and kind = 'stripe'", paymentId))
        .map(row -> row.getString("tenant_id"));
  }

  /** Whole cents, rounded up. */
  static long cents(NanoUsd amount) {
    return Math.ceilDiv(amount.nanos(), NANOS_A_CENT);
  }
}
