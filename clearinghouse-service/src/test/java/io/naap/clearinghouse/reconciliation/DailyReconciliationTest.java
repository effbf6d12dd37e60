package io.naap.clearinghouse.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One day's report against sums made by hand; an ether is 2,500 dollars here. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class DailyReconciliationTest {
  private static final Instant DAY = Instant.parse("2021-05-03T00:00:00Z");
  private static final Instant NEXT = Instant.parse("2021-05-04T00:00:00Z");
  private static final String LIVE = "live-video-to-video";

  @Inject RedisDataSource redis;
  @Inject Transactions transactions;
  @Inject DailyReconciliation reconciliation;

  @Test
  void isWhatAPersonComputesByHand() {
    String first = Samples.tenant();
    String second = Samples.tenant();
    String third = Samples.tenant();
    // 4,000 of 5,000 live milliseconds are the first tenant's, and they end with the day.
    charge(first, "0.3", LIVE, "gateway-shared", 3_000, DAY.plusSeconds(36_000));
    charge(first, "0.1", LIVE, "gateway-shared", 1_000, NEXT.minusMillis(1));
    charge(second, "0.1", LIVE, "gateway-shared", 1_000, DAY);
    charge(second, "0.05", "text-to-image", "gateway-shared", 0, DAY.plusSeconds(5));
    charge(third, "9", LIVE, "gateway-shared", 99_000, NEXT);
    signed("gateway-shared", null, "1000000000000001", 0, "\"12345/10\"", DAY);
    signed("gateway-idle", null, "500000000000000", 0, "\"66\"", DAY.plusSeconds(9));
    signed(null, third, "200000000000000", 600_000_000, "\"0\"", NEXT.minusMillis(1));
    signed("gateway-shared", null, "7", 0, "\"1000000\"", NEXT);

    Samples.await(
        "five charges", () -> reconciliation.report(DAY, NEXT.plusSeconds(1)).data().size() == 5);
    ReconciliationReport.Days report = reconciliation.report(DAY, NEXT);

    assertThat(report.data().stream().map(DailyReconciliationTest::told))
        .containsExactlyInAnyOrder(
            first + " " + LIVE + " default: 0.40 - 2.00 (800000000000001) = -1.60",
            second + " " + LIVE + " default: 0.10 - 0.50 (200000000000000) = -0.40",
            second + " text-to-image default: 0.05 - 0.00 (0) = 0.05",
            third + " " + LIVE + " signer: 0.60 - 0.50 (200000000000000) = 0.10");
    assertThat(report.expectedValue()).hasToString("1700000000000001");
    assertThat(report.totals().revenue()).hasToString("1.15");
    assertThat(report.totals().networkCost()).hasToString("1700000000000001");
    assertThat(report.totals().networkCostUsd()).hasToString("4.25");
    assertThat(report.totals().margin()).hasToString("-3.10");
    assertThat(difference(report, "unattributed tickets of gateway-idle"))
        .isEqualTo("500000000000000 wei");
    assertThat(difference(report, "stranded session balances")).isEqualTo("1300 wei");
  }

  private static String told(ReconciliationReport.Daily row) {
    assertThat(row.day()).isEqualTo("2021-05-03");
    return row.tenantId()
        + " "
        + row.capability()
        + " "
        + row.pool()
        + ": "
        + row.money().revenue()
        + " - "
        + row.money().networkCostUsd()
        + " ("
        + row.money().networkCost()
        + ") = "
        + row.money().margin();
  }

  private static String difference(ReconciliationReport.Days report, String name) {
    List<String> amounts =
        report.differences().stream()
            .filter(difference -> difference.name().equals(name))
            .map(difference -> difference.amount() + " " + difference.currency())
            .toList();
    assertThat(amounts).as("%s in %s", name, report.differences()).hasSize(1);
    return amounts.getFirst();
  }

  private void charge(
      String tenant, String dollars, String capability, String gateway, long millis, Instant at) {
    ChargeRated now = Samples.charge(tenant, dollars, null, capability, gateway, millis);
    ChargeRated then =
        new ChargeRated(
            new ChargeRated.Source(now.eventId(), now.usageEventId(), now.requestId(), at, at),
            new ChargeRated.Job(
                tenant, now.keyId(), capability, now.model(), now.pool(), gateway, now.units()),
            new ChargeRated.Price(
                now.plan(), Optional.empty(), now.amount(), Optional.empty(), Optional.empty()));
    redis.stream(String.class).xadd(Topics.CHARGES, Map.of(Topics.FIELD, Json.write(then)));
  }

  /** A payment as it stands in the record, whose session was used no more. */
  private void signed(
      String gateway, String tenant, String value, long charged, String balance, Instant at) {
    String session = Samples.tenant();
    OffsetDateTime time = at.atOffset(ZoneOffset.UTC);
    BigDecimal wei = new BigDecimal(value);
    transactions.run(
        tx ->
            tx.query(
                """
                insert into signer_session (state_id, caller, tenant_id, orchestrator, sequence, spent, opened_at,
                  updated_at)
                values ($1, 'a caller', $2, '0xorchestrator', 0, $3, $4, $4)\
                """,
                session,
                tenant,
                wei,
                time));
    transactions.run(
        tx ->
            tx.query(
                """
                insert into ticket_batch (id, caller, gateway, tenant_id, state_id, sequence, capability,
                  orchestrator, recipient, face_value, win_prob, recipient_rand_hash, expiration_block,
                  creation_round, creation_round_block_hash, price_per_unit, pixels_per_unit, units, tickets,
                  expected_value, created_at, first_nonce, state, charged)
                values ($1, 'a caller', $2, $3, $1, 0, 'live-video-to-video', '0xorchestrator', '0xrecipient',
                  1000, 1, $4, 1, 1, $4, 1, 1, 1, 1, $5, $6, 1, $7, $8)\
                """,
                session,
                gateway,
                tenant,
                Buffer.buffer(session.substring(0, 30).getBytes(StandardCharsets.UTF_8))
                    .appendBytes(new byte[2]),
                wei,
                time,
                "{\"Balance\":" + balance + "}",
                charged));
    transactions.run(tx -> tx.query("insert into ticket_unbooked (batch_id) values ($1)", session));
  }
}
