package io.naap.metering.cost;

import io.naap.contracts.events.NetworkCostIncurred;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.inbox.Subscription;
import io.naap.metering.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.ZoneOffset;

/** Stores what tickets came to, as the clearinghouse tells. */
@ApplicationScoped
class NetworkCosts implements Subscription {
  @Override
  public String topic() {
    return Topics.NETWORK_COSTS;
  }

  @Override
  public void take(Tx tx, String payload) {
    NetworkCostIncurred cost = Json.read(payload, NetworkCostIncurred.class);
    tx.change(
        "insert into network_cost (event_id, occurred_at, gateway, tenant_id, capability, wei, usd)"
            + " values ($1, $2, $3, $4, $5, $6::text::numeric, $7) on conflict do nothing",
        cost.eventId(),
        cost.occurredAt().atOffset(ZoneOffset.UTC),
        cost.gateway().orElse(null),
        cost.tenantId().orElse(null),
        cost.capability(),
        new BigDecimal(cost.expectedValue().value()).toPlainString(),
        cost.usd().map(NanoUsd::nanos).orElse(null));
  }
}
