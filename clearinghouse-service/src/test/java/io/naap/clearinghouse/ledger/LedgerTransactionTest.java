package io.naap.clearinghouse.ledger;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.clearinghouse.Samples;
import io.naap.contracts.events.BalanceChanged;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class LedgerTransactionTest {
  @Inject RedisDataSource redis;
  @Inject Transactions transactions;
  @Inject Verifier verifier;
  @Inject JournalHashChain seals;
  private final String tenant = Samples.tenant();

  @Test
  void feesAreTakenFromCreditThenOwedAndComeBackTheOtherWay() {
    Samples.credit(tenant, "5");
    fee("subscription", "7");
    awaits("available 0.00, set aside 0.00, owed 2.00, balance -2.00");
    fee("credit_note", "-3");
    awaits("available 1.00, set aside 0.00, owed 0.00, balance 1.00");
    fee("tax", "0.25");
    awaits("available 0.75, set aside 0.00, owed 0.00, balance 0.75");
  }

  @Test
  void aPaymentIsForTheInvoiceThatIsDueFirst() {
    fee("subscription", "30");
    awaits("available 0.00, set aside 0.00, owed 30.00, balance -30.00");
    String late = invoice("20", 20);
    String early = invoice("10", 10);
    Samples.await("open", () -> paid(early) == 0 && paid(late) == 0);

    Samples.credit(tenant, "15");

    assertThat(paid(early)).isEqualTo(10_000_000_000L);
    assertThat(paid(late)).isEqualTo(5_000_000_000L);
    Samples.await(
        "announced",
        () ->
            redis.stream(String.class).xrange(Topics.INVOICE_PAYMENTS, range(), 1_000).stream()
                .anyMatch(message -> message.payload().get(Topics.FIELD).contains(late)));
  }

  @Test
  void anInvoiceThatCreditHasPaidAlreadyIsPaid() {
    Samples.credit(tenant, "50");
    fee("subscription", "10");
    awaits("available 40.00, set aside 0.00, owed 0.00, balance 40.00");

    String invoice = invoice("10", 10);

    Samples.await("paid", () -> paid(invoice) == 10_000_000_000L);
  }

  @Test
  void aSponsorPaysItsPartAndThenOwesIt() {
    String budget = Samples.id(IdKind.BUDGET);
    fund(budget, "1", 201);
    ChargeRated charge = Samples.charge(tenant, "0", null);
    for (int job = 0; job < 3; job++) {
      send(
          Topics.CHARGES,
          new ChargeRated(
              new ChargeRated.Source(
                  Samples.id(IdKind.EVENT),
                  charge.usageEventId() + job,
                  charge.requestId(),
                  charge.occurredAt(),
                  charge.ratedAt()),
              new ChargeRated.Job(
                  tenant,
                  charge.keyId(),
                  charge.capability(),
                  charge.model(),
                  charge.pool(),
                  charge.gateway(),
                  charge.units()),
              new ChargeRated.Price(
                  charge.plan(),
                  Optional.empty(),
                  NanoUsd.ZERO,
                  Optional.of(new Sponsored(budget, NanoUsd.parse("0.4"))),
                  Optional.empty())));
    }
    Samples.await("sponsored", () -> budget(budget).equals("0.00 left, 0.20 owed"));
    fund(budget, "1", 201);
    assertThat(budget(budget)).isEqualTo("0.80 left, 0.00 owed");
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
  }

  @Test
  void aSponsorGetsBackWhatItPaidForAJobThatWasTakenBack() {
    String tenant = Samples.tenant();
    String budget = Samples.id(IdKind.BUDGET);
    FeeCharged back =
        new FeeCharged(
            Samples.id(IdKind.EVENT),
            Instant.now(),
            tenant,
            "adjustment",
            Samples.id(IdKind.INVOICE),
            NanoUsd.parse("-0.1"),
            Optional.of(new Sponsored(budget, NanoUsd.parse("0.3"))),
            java.util.Optional.empty());
    send(Topics.FEES, back);
    send(Topics.FEES, back);

    Samples.await("given back", () -> budget(budget).equals("0.30 left, 0.00 owed"));
    assertThat(Samples.balance(tenant)).startsWith("available 0.10,");
  }

  @Test
  void aJournalIsUndoneOnceByAnother() {
    String journal =
        given()
            .auth()
            .oauth2(Samples.operator())
            .header("Idempotency-Key", Samples.id(IdKind.EVENT))
            .contentType("application/json")
            .body(Samples.creditBody(tenant, "4"))
            .post("/v1/payments/credits")
            .then()
            .statusCode(201)
            .extract()
            .jsonPath()
            .getString("journal_id");
    reverse(journal, 201);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    reverse(journal, 409);
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
  }

  @Test
  void tellsEveryMovementAndTheBalanceOfAnyMoment() throws InterruptedException {
    Samples.credit(tenant, "3");
    Thread.sleep(5);
    Instant between = Instant.now();
    Thread.sleep(5);
    fee("subscription", "1");
    awaits("available 2.00, set aside 0.00, owed 0.00, balance 2.00");

    JsonPath statement =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.BILLING))
            .get("/v1/balance/statement")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();
    assertThat(statement.getList("data.amount.amount")).isEqualTo(List.of("-1.00", "3.00"));
    assertThat(statement.getList("data.balance.amount")).isEqualTo(List.of("2.00", "3.00"));
    given()
        .auth()
        .oauth2(Tokens.of(tenant, Role.VIEWER))
        .get("/v1/balance?at=" + between)
        .then()
        .statusCode(200)
        .body("available.amount", org.hamcrest.Matchers.equalTo("3.00"));
  }

  /**
   * Each number by hand; a fee of more than there is becomes a debt, which the next credit pays
   * first.
   */
  @Test
  void everyMomentAndEveryAccountIsWhatAHandComputes() throws InterruptedException {
    List<Instant> moments = new ArrayList<>();
    Samples.credit(tenant, "10");
    moments.add(moment());
    Samples.fund(tenant, "epoch-" + tenant, "0", "4").statusCode(200);
    moments.add(moment());
    fee("subscription", "7.25");
    awaits("available 0.00, set aside 4.00, owed 1.25, balance 2.75");
    moments.add(moment());
    Samples.credit(tenant, "5");
    moments.add(moment());

    assertThat(moments.stream().map(this::balanceAt))
        .containsExactly(
            "10.00 0.00 0.00 10.00",
            "6.00 4.00 0.00 10.00",
            "0.00 4.00 1.25 2.75",
            "3.75 4.00 0.00 7.75");
    assertThat(statement("credit"))
        .containsExactly("3.75 -> 3.75", "-6.00 -> 0.00", "-4.00 -> 6.00", "10.00 -> 10.00");
    assertThat(statement("owed")).containsExactly("1.25 -> 0.00", "-1.25 -> -1.25");
    // Setting aside changes nothing that the tenant has.
    assertThat(statement("balance"))
        .containsExactly("5.00 -> 7.75", "-7.25 -> 2.75", "10.00 -> 10.00");
  }

  @Test
  void theStatementOfAPrepaidTenantShowsItsChargesAndEndsAtItsBalance() {
    Samples.credit(tenant, "2");
    String funding =
        Samples.fund(tenant, Samples.id(IdKind.EVENT), "0", "1")
            .statusCode(200)
            .extract()
            .path("funding_id");
    send(Topics.CHARGES, Samples.charge(tenant, "0.001", funding));
    awaits("available 1.00, set aside 0.999, owed 0.00, balance 1.999");

    assertThat(statement("balance")).containsExactly("-0.001 -> 1.999", "2.00 -> 2.00");
    assertThat(statement("credit")).containsExactly("-1.00 -> 1.00", "2.00 -> 2.00");
  }

  private static Instant moment() throws InterruptedException {
    Thread.sleep(5);
    Instant now = Instant.now();
    Thread.sleep(5);
    return now;
  }

  private String balanceAt(Instant at) {
    JsonPath balance =
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.VIEWER))
            .get("/v1/balance?at=" + at)
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();
    return "%s %s %s %s"
        .formatted(
            balance.getString("available.amount"),
            balance.getString("set_aside.amount"),
            balance.getString("owed.amount"),
            balance.getString("balance.amount"));
  }

  /** Read page by page, a line each. */
  private List<String> statement(String account) {
    List<String> lines = new ArrayList<>();
    String cursor = "";
    while (cursor != null) {
      JsonPath page =
          given()
              .auth()
              .oauth2(Tokens.of(tenant, Role.BILLING))
              .get("/v1/balance/statement?limit=1&account=" + account + cursor)
              .then()
              .statusCode(200)
              .extract()
              .jsonPath();
      lines.add(
          page.getString("data[0].amount.amount")
              + " -> "
              + page.getString("data[0].balance.amount"));
      cursor =
          page.getString("next_cursor") == null ? null : "&cursor=" + page.getString("next_cursor");
    }
    return lines;
  }

  @Test
  void announcesBalancesWithRevisionsThatGrow() {
    Samples.credit(tenant, "3");
    Samples.credit(tenant, "4");

    Samples.await(
        "announced",
        () ->
            redis.stream(String.class).xrange(Topics.BALANCES, range(), 10_000).stream()
                .flatMap(message -> message.payload().get(Topics.FIELD).lines())
                .map(event -> Json.read(event, BalanceChanged.class))
                .filter(event -> event.tenantId().equals(tenant))
                .reduce((one, next) -> next.revision() > one.revision() ? next : one)
                .filter(event -> event.credit().equals(NanoUsd.parse("7")))
                .isPresent());
  }

  @Test
  void theBooksVerifyAndTellWhatWasAltered() {
    Samples.credit(tenant, "3");
    Samples.await("sealed", () -> seals.seal() == 0 && verifier.verify().unsealed() == 0);
    Verifier.Verification right = verifier.verify();
    assertThat(right.rules()).allMatch(rule -> rule.violations() == 0);
    assertThat(right.ok()).isTrue();
    assertThat(right.sealed()).isPositive();

    // Nobody can alter a journal; somebody who owns the database can switch that off.
    transactions.run(
        tx -> {
          tx.change("alter table journal disable trigger journal_append_only");
          tx.change("update journal set description = 'altered' where tenant_id = $1", tenant);
          return tx.change("alter table journal enable trigger journal_append_only");
        });
    assertThat(verifier.verify().rules())
        .anyMatch(rule -> rule.name().contains("hash chain") && rule.violations() == 1);
    transactions.run(
        tx -> {
          tx.change("alter table journal disable trigger journal_append_only");
          tx.change("update journal set description = 'a test' where tenant_id = $1", tenant);
          return tx.change("alter table journal enable trigger journal_append_only");
        });
    assertThat(verifier.verify().ok()).isTrue();

    alter("update account set balance = balance + 1 where owner = $1 and kind = 'credit'");
    assertThat(broken())
        .contains(
            "every balance is the sum of its postings", "all balances of a currency sum to zero");
    alter("update account set balance = balance - 1 where owner = $1 and kind = 'credit'");
    assertThat(verifier.verify().ok()).isTrue();
  }

  private void alter(String sql) {
    transactions.run(tx -> tx.change(sql, tenant));
  }

  private List<String> broken() {
    return verifier.verify().rules().stream()
        .filter(rule -> rule.violations() > 0)
        .map(Verifier.Rule::name)
        .toList();
  }

  @Test
  void theStoreItselfRefusesToChangeWhatIsBooked() {
    Samples.credit(tenant, "3");
    for (String change :
        List.of(
            "update journal set kind = 'x' where tenant_id = '" + tenant + "'",
            "delete from posting where journal_id in (select id from journal where tenant_id = '"
                + tenant
                + "')",
            "update journal_seal set hash = hash",
            "update account set balance = -1 where owner = '" + tenant + "' and kind = 'credit'")) {
      assertThatThrownBy(() -> transactions.run(tx -> tx.change(change)))
          .as(change)
          .isInstanceOf(RuntimeException.class);
    }
  }

  private static io.quarkus.redis.datasource.stream.StreamRange range() {
    return io.quarkus.redis.datasource.stream.StreamRange.of("-", "+");
  }

  private void awaits(String balance) {
    Samples.await(balance, () -> Samples.balance(tenant).equals(balance));
  }

  private void fee(String kind, String dollars) {
    send(
        Topics.FEES,
        new FeeCharged(
            Samples.id(IdKind.EVENT),
            Instant.now(),
            tenant,
            kind,
            Samples.id(IdKind.INVOICE),
            NanoUsd.parse(dollars)));
  }

  private String invoice(String dollars, int days) {
    String id = Samples.id(IdKind.INVOICE);
    InvoiceFinalized event =
        new InvoiceFinalized(
            Samples.id(IdKind.EVENT),
            Instant.now(),
            tenant,
            id,
            "2026-" + days,
            NanoUsd.parse(dollars),
            Instant.now().plusSeconds(days * 86_400L));
    send(Topics.INVOICES, event);
    send(Topics.INVOICES, event);
    return id;
  }

  private long paid(String invoice) {
    return transactions
        .run(tx -> tx.one("select paid from invoice where id = $1", invoice))
        .map(row -> row.getLong("paid"))
        .orElse(-1L);
  }

  private void send(String topic, Object event) {
    redis.stream(String.class).xadd(topic, Map.of(Topics.FIELD, Json.write(event)));
  }

  private static void fund(String budget, String dollars, int status) {
    given()
        .auth()
        .oauth2(Samples.operator())
        .header("Idempotency-Key", Samples.id(IdKind.EVENT))
        .contentType("application/json")
        .body(
            "{\"amount\":{\"amount\":\""
                + dollars
                + "\",\"currency\":\"USD\"},\"reason\":\"a grant\"}")
        .post("/v1/payments/sponsor-budgets/" + budget + "/funds")
        .then()
        .statusCode(status);
  }

  private static String budget(String id) {
    JsonPath json =
        given()
            .auth()
            .oauth2(Samples.operator())
            .get("/v1/payments/sponsor-budgets/" + id)
            .jsonPath();
    return json.getString("left.amount") + " left, " + json.getString("owed.amount") + " owed";
  }

  private static void reverse(String journal, int status) {
    given()
        .auth()
        .oauth2(Samples.operator())
        .header("Idempotency-Key", Samples.id(IdKind.EVENT))
        .contentType("application/json")
        .body("{\"journal_id\":\"" + journal + "\",\"reason\":\"a mistake\"}")
        .post("/v1/payments/reversals")
        .then()
        .statusCode(status);
  }
}
