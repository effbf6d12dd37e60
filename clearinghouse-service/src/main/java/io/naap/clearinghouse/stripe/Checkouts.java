package io.naap.clearinghouse.stripe;

import io.naap.contracts.money.NanoUsd;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;

/** Checkout pages of Stripe's, at which tenants buy credit by card. */
@ApplicationScoped
class Checkouts {
  private final StripeApi stripe;
  private final StripeCharges charges;

  Checkouts(StripeApi stripe, StripeCharges charges) {
    this.stripe = stripe;
    this.charges = charges;
  }

  /** Asks Stripe for a page; the same charge always gets the same page. */
  StripeApi.Answer open(String chargeId, String tenantId, CheckoutRequest request) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("mode", "payment");
    form.put("success_url", request.successUrl());
    form.put("cancel_url", request.cancelUrl());
    form.put("client_reference_id", tenantId);
    form.put("line_items[0][quantity]", "1");
    form.put("line_items[0][price_data][currency]", "usd");
    form.put("line_items[0][price_data][unit_amount]", cents(request.amount()));
    form.put("line_items[0][price_data][product_data][name]", "Prepaid credit");
    form.put("metadata[naap_charge]", chargeId);
    form.put("payment_intent_data[metadata][naap_charge]", chargeId);
    charges.customer(tenantId).ifPresent(customer -> form.put("customer", customer.id()));
    if (request.saveCard()) {
      form.put("payment_intent_data[setup_future_usage]", "off_session");
      if (!form.containsKey("customer")) {
        form.put("customer_creation", "always");
      }
    }
    StripeApi.Answer answer = stripe.post("/v1/checkout/sessions", form, chargeId);
    if (answer instanceof StripeApi.Answer.Done done) {
      charges.setCheckout(chargeId, done.object().path("id").asText());
    }
    return answer;
  }

  private static String cents(NanoUsd amount) {
    return Long.toString(StripeCharges.cents(amount));
  }
}
