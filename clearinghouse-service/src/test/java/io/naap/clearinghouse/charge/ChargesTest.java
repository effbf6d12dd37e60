package io.naap.clearinghouse.charge;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.ledger.Verifier;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.Topics;
import io.naap.contracts.json.Json;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.naap.store.stream.StreamReader;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class ChargesTest {
  @Inject RedisDataSource redis;
  @Inject Transactions transactions;
  @Inject Charges charges;
  @Inject Verifier verifier;

  @Test
  void debitsTheFundingThenTheCreditThenOwes() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "3");
    String funding =
        Samples.fund(tenant, "e1", "0", "1").statusCode(200).extract().path("funding_id");

    publish(Samples.charge(tenant, "0.25", funding));
    awaitBalance(tenant, "available 2.00, set aside 0.75, owed 0.00, balance 2.75");

    publish(Samples.charge(tenant, "1.75", funding));
    awaitBalance(tenant, "available 1.00, set aside 0.00, owed 0.00, balance 1.00");

    publish(Samples.charge(tenant, "1.5", funding));
    awaitBalance(tenant, "available 0.00, set aside 0.00, owed 0.50, balance -0.50");
  }

  @Test
  void chargesAUsageEventOnceHoweverOftenItArrives() {
    String tenant = Samples.tenant();
    Samples.credit(tenant, "1");
    ChargeRated charge = Samples.charge(tenant, "0.1", null);

    publish(charge);
    publish(charge);
    publish(again(charge));
    publish(Samples.charge(tenant, "0.2", null));

    awaitBalance(tenant, "available 0.70, set aside 0.00, owed 0.00, balance 0.70");
  }

  @Test
  void aBatchIsAJournalOfEachTenantAndComesToTheSameAsOneByOne() {
    String first = Samples.tenant();
    String second = Samples.tenant();
    Samples.credit(first, "1");
    String funding =
        Samples.fund(first, "e1", "0", "0.5").statusCode(200).extract().path("funding_id");
    ChargeRated repeated = Samples.charge(first, "0.2", funding);
    List<ChargeRated> batch =
        List.of(
            repeated,
            Samples.charge(second, "0.3", null),
            // The rest of the funding, and some of the credit.
            Samples.charge(first, "0.4", funding),
            repeated,
            // The rest of the credit, and a debt.
            Samples.charge(first, "0.7", null),
            Samples.charge(second, "0.1", null));

    charges.take(entries(batch));
    charges.take(entries(batch));

    assertThat(Samples.balance(first))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.30, balance -0.30");
    assertThat(Samples.balance(second))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.40, balance -0.40");
    assertThat(journals(first)).containsExactly("3 jobs of 3 charges");
    assertThat(journals(second)).containsExactly("2 jobs of 2 charges");
    assertThat(verifier.verify().rules())
        .filteredOn(rule -> rule.name().startsWith("every charge"))
        .singleElement()
        .matches(rule -> rule.violations() == 0);
  }

  private static List<StreamReader.Entry> entries(List<ChargeRated> charges) {
    return charges.stream()
        .map(charge -> new StreamReader.Entry(Topics.CHARGES, "1-1", Json.write(charge)))
        .toList();
  }

  private List<String> journals(String tenant) {
    return transactions
        .<List<Row>>run(
            tx ->
                tx.query(
                    "select j.description || ' of ' || (select count(*) from charge c where"
                        + " c.journal_id = j.id) || ' charges' as told from journal j where"
                        + " tenant_id = $1 and kind = 'charge'",
                    tenant))
        .stream()
        .map(row -> row.getString("told"))
        .toList();
  }

  @Test
  void neverSpendsAnotherTenantsFunding() {
    String rich = Samples.tenant();
    String poor = Samples.tenant();
    Samples.credit(rich, "1");
    String funding =
        Samples.fund(rich, "e1", "0", "1").statusCode(200).extract().path("funding_id");

    publish(Samples.charge(poor, "0.4", funding));

    awaitBalance(poor, "available 0.00, set aside 0.00, owed 0.40, balance -0.40");
    assertThat(Samples.balance(rich))
        .isEqualTo("available 0.00, set aside 1.00, owed 0.00, balance 1.00");
  }

  @Test
  void creditPaysTheDebtFirst() {
    String tenant = Samples.tenant();
    publish(Samples.charge(tenant, "0.4", null));
    awaitBalance(tenant, "available 0.00, set aside 0.00, owed 0.40, balance -0.40");

    Samples.credit(tenant, "1");

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.60, set aside 0.00, owed 0.00, balance 0.60");
  }

  @Test
  void setsApartWhatIsNoChargeAndGoesOn() {
    String tenant = Samples.tenant();
    redis.stream(String.class)
        .xadd(Topics.CHARGES, Map.of(Topics.FIELD, "{\"event_id\":\"%s\"}".formatted(tenant)));
    redis.stream(String.class).xadd(Topics.CHARGES, Map.of("x", tenant));

    publish(Samples.charge(tenant, "0", null));
    publish(Samples.charge(tenant, "0.1", null));

    awaitBalance(tenant, "available 0.00, set aside 0.00, owed 0.10, balance -0.10");
    assertThat(
            transactions.<List<Row>>run(
                tx ->
                    tx.query(
                        "select 1 from dead_letter where payload like $1", "%" + tenant + "%")))
        .hasSize(1);
  }

  @Test
  void joinsAgainWhenRedisHasForgottenTheStream() {
    redis.key().del(Topics.CHARGES);
    String tenant = Samples.tenant();

    publish(Samples.charge(tenant, "0.3", null));

    awaitBalance(tenant, "available 0.00, set aside 0.00, owed 0.30, balance -0.30");
  }

  private static ChargeRated again(ChargeRated charge) {
    return new ChargeRated(
        new ChargeRated.Source(
            "evt_other",
            charge.usageEventId(),
            charge.requestId(),
            charge.occurredAt(),
            charge.ratedAt()),
        new ChargeRated.Job(
            charge.tenantId(),
            charge.keyId(),
            charge.capability(),
            charge.model(),
            charge.pool(),
            charge.gateway(),
            charge.units()),
        new ChargeRated.Price(
            charge.plan(),
            charge.fundingId(),
            charge.amount(),
            charge.sponsored(),
            Optional.empty()));
  }

  private void publish(ChargeRated charge) {
    redis.stream(String.class).xadd(Topics.CHARGES, Map.of(Topics.FIELD, Json.write(charge)));
  }

  private static void awaitBalance(String tenant, String expected) {
    Samples.await(expected, () -> Samples.balance(tenant).equals(expected));
  }
}
