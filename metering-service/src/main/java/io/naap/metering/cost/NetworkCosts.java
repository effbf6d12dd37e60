package io.naap.metering.cost;

import io.naap.contracts.events.NetworkCostIncurred;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.metering.inbox.Subscription;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/** Stores the network costs of tickets that the clearinghouse publishes. */
@ApplicationScoped
class NetworkCosts implements Subscription<NetworkCostIncurred> {
  @Override
  public String topic() {
    return Topics.NETWORK_COSTS;
  }

  @Override
  public List<NetworkCostIncurred> read(String payload) {
    return List.of(Json.read(payload, NetworkCostIncurred.class));
  }

  @Override
  public void take(Tx tx, List<NetworkCostIncurred> costs) {
    tx.change(
        "insert into network_cost (event_id, occurred_at, gateway, tenant_id, capability, wei, usd)"
            + " select i, o, g, t, c, w::numeric, u from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[],"
            + " $5::text[], $6::text[], $7::int8[]) x(i, o, g, t, c, w, u) order by i on conflict do nothing",
        costs.stream().map(NetworkCostIncurred::eventId).toArray(String[]::new),
        costs.stream()
            .map(cost -> cost.occurredAt().atOffset(ZoneOffset.UTC))
            .toArray(OffsetDateTime[]::new),
        costs.stream().map(cost -> cost.gateway().orElse(null)).toArray(String[]::new),
        costs.stream().map(cost -> cost.tenantId().orElse(null)).toArray(String[]::new),
        costs.stream().map(NetworkCostIncurred::capability).toArray(String[]::new),
        costs.stream()
            .map(cost -> new BigDecimal(cost.expectedValue().value()).toPlainString())
            .toArray(String[]::new),
        costs.stream()
            .map(cost -> cost.usd().map(NanoUsd::nanos).orElse(null))
            .toArray(Long[]::new));
  }
}
