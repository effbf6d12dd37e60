package io.naap.metering;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.AccessMatrix;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class MatrixTest {
  @Inject Transactions transactions;

  @Test
  void everyEndpointLetsInWhomTheTableSays() throws InterruptedException {
    String other = Samples.id(IdKind.TENANT);
    String webhook = Samples.id(IdKind.WEBHOOK);
    String invoice = Samples.id(IdKind.INVOICE);
    String plan = Samples.id(IdKind.PLAN);
    String event = Samples.id(IdKind.REQUEST) + "-0";
    transactions.run(
        tx -> {
          tx.change(
              "insert into webhook (id, tenant_id, url, events, secret) values ($1, $2, 'https://example.com', '{}', 'whsec_YQ==')",
              webhook,
              other);
          tx.change(
              "insert into webhook_delivery (id, webhook_id, message_id, type, payload, state) overriding system value"
                  + " values (77, $1, 'm', 'test', '{}', 'delivered')",
              webhook);
          tx.change(
              "insert into plan (id, tenant_id, base_id) values ($1, $2, $3)",
              plan,
              other,
              Samples.PLAN);
          tx.change(
              """
              insert into plan_version (plan_id, version, name, charges, own_charges, prepaid, tier)
              select $1, 1, name, charges, charges, true, tier from plan_version where plan_id = $2 and version = 1""",
              plan,
              Samples.PLAN);
          tx.change(
              """
              insert into usage_event (event_id, spool_position, opened_at, occurred_at, received_at, requests, pixels,
                generations, tokens_in, tokens_out, milliseconds, characters, cost, estimated_cost, latency_millis, sequence,
                status, tenant_id, key_id, capability, model, tier, pool, gateway, instance, outcome, plan, state, tags)
              values ($1, 1, now(), now(), now(), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200, $2, 'key', 'c', 'm', 't', 'p', 'g',
                'i', 'succeeded', $3, 'accepted', '{}')""",
              event,
              other,
              Samples.PLAN + "@1");
          return tx.change(
              """
              insert into invoice (id, tenant_id, kind, number, status, period_start, period_end, document, total, due)
              values ($1, $2, 'invoice', 900000, 'final', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', $3::text::jsonb, 0, 0)""",
              invoice,
              other,
              """
              {"id":"%s","tenant_id":"%s","kind":"invoice","number":"INV-9","status":"final",
               "period_start":"2026-01-01T00:00:00Z","period_end":"2026-02-01T00:00:00Z","seller":"s","bill_to":"b",
               "prepaid":true,"lines":[],"keys":[],"subtotal":{"amount":"0","currency":"USD"},
               "tax":{"amount":"0","currency":"USD"},"total":{"amount":"0","currency":"USD"},
               "due":{"amount":"0","currency":"USD"},"paid":{"amount":"0","currency":"USD"}}"""
                  .formatted(invoice, other));
        });

    AccessMatrix matrix =
        AccessMatrix.of(URI.create("http://localhost:" + RestAssured.port), "metering")
            .foreign("/v1/plans/{id}", "/v1/plans/" + plan, "{}")
            .foreign("/v1/plans/{id}/versions", "/v1/plans/" + plan + "/versions", "{}")
            .foreign("/v1/plans/tenants/{tenant}", "/v1/plans/tenants/" + other, "{}")
            .foreign(
                "/v1/plans/tenants/{tenant}/assignments",
                "/v1/plans/tenants/" + other + "/assignments",
                "{}")
            .foreign("/v1/usage/events/{id}", "/v1/usage/events/" + event, "{}")
            .foreign(
                "/v1/usage/events/{id}/explanation",
                "/v1/usage/events/" + event + "/explanation",
                "{}")
            .foreign("/v1/invoices/{id}", "/v1/invoices/" + invoice, "{}")
            .foreign("/v1/invoices/{id}/pdf", "/v1/invoices/" + invoice + "/pdf", "{}")
            .foreign(
                "/v1/invoices/{id}/verification", "/v1/invoices/" + invoice + "/verification", "{}")
            .foreign("/v1/invoices/accounts/{tenant}", "/v1/invoices/accounts/" + other, "{}")
            .foreign(
                "/v1/invoices/accounts/{tenant}/alerts",
                "/v1/invoices/accounts/" + other + "/alerts",
                "{}")
            .foreign("/v1/webhooks/{id}", "/v1/webhooks/" + webhook, "{}")
            .foreign("/v1/webhooks/{id}/secret", "/v1/webhooks/" + webhook + "/secret", "{}")
            .foreign("/v1/webhooks/{id}/test", "/v1/webhooks/" + webhook + "/test", "{}")
            .foreign(
                "/v1/webhooks/{id}/deliveries", "/v1/webhooks/" + webhook + "/deliveries", "{}")
            .foreign(
                "/v1/webhooks/{id}/deliveries/{delivery}/resend",
                "/v1/webhooks/" + webhook + "/deliveries/77/resend",
                "{}");

    assertThat(matrix.violations(Tokens::refuse)).isEmpty();
    assertThat(matrix.calls()).isGreaterThan(2_000);
  }
}
