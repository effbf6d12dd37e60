package io.naap.metering.invoice;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.InvoiceFinalized;
import io.naap.contracts.events.InvoicePaid;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.naap.metering.Operator;
import io.naap.metering.Samples;
import io.naap.store.Transactions;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class InvoiceTest {
  @Inject Transactions transactions;
  @Inject RedisDataSource redis;
  @Inject PeriodClosing closing;
  @Inject Operator operator;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final String viewer = Tokens.of(tenant, Role.VIEWER);
  private final String key = Samples.id(IdKind.KEY);
  private final Instant thisMonth =
      Instant.now()
          .atOffset(ZoneOffset.UTC)
          .withDayOfMonth(1)
          .toInstant()
          .truncatedTo(ChronoUnit.DAYS);
  private final Instant lastMonth = thisMonth.minus(5, ChronoUnit.DAYS);

  @Test
  void aClosedPeriodHasItsFeeAndItsJobsByPriceAndKey() {
    invoice()
        .body("data", hasSize(1))
        .body("data[0].status", equalTo("final"))
        // Ten units at 1.00 and two at 0.50.
        .body("data[0].lines.find { it.kind == 'usage' }.exact.amount", equalTo("11.00"))
        .body("data[0].keys[0].key_id", equalTo(key))
        .body("data[0].lines.kind", hasItems("usage", "subscription"));
    assertThat(fees()).filteredOn(fee -> fee.kind().equals("subscription")).hasSize(1);
  }

  @Test
  void theVerifierMissesNoNanoDollar() {
    String id = id(invoice());
    see("/" + id + "/verification")
        .body("differences", hasSize(0))
        .body("events", equalTo(4))
        .body("agrees", equalTo(true));

    transactions.run(
        tx ->
            tx.change(
                "update usage_event set cost = cost + 1 where event_id ="
                    + " (select max(event_id) from usage_event where tenant_id = $1)",
                tenant));

    see("/" + id + "/verification").body("agrees", equalTo(false)).body("differences", hasSize(1));
  }

  @Test
  void whatComesAfterAPeriodWasClosedIsOnTheNextInvoiceAndChangesNothingOfThisOne() {
    String plan = plan();
    String id = id(invoice(plan));

    operator.record(job(plan, lastMonth.plusSeconds(100), 2), "late");

    see("/draft").body("lines.find { it.kind == 'late_usage' }.exact.amount", equalTo("1.00"));
    see("/" + id + "/verification").body("agrees", equalTo(true)).body("events", equalTo(4));
  }

  @Test
  void anInvoiceIsAlsoAPdf() throws IOException {
    byte[] pdf =
        see("/" + id(invoice()) + "/pdf").contentType("application/pdf").extract().asByteArray();

    try (PDDocument document = Loader.loadPDF(pdf)) {
      assertThat(new PDFTextStripper().getText(document)).contains("Invoice", "11.00");
    }
  }

  @Test
  void aCreditNoteIsTakenFromWhatIsOwed() {
    operator
        .post(
            "/v1/invoices/" + id(invoice()) + "/credit-notes",
            "{\"amount\":{\"amount\":\"1.00\",\"currency\":\"USD\"},\"reason\":\"goodwill\"}",
            201)
        .body("total.amount", equalTo("-1.00"));

    assertThat(fees())
        .filteredOn(fee -> fee.kind().equals("credit_note"))
        .singleElement()
        .extracting(FeeCharged::amount)
        .isEqualTo(NanoUsd.ofDollars(-1));
  }

  @Test
  void aPaymentThatIsToldTwiceIsCountedOnce() {
    String id = id(invoice());
    NanoUsd due =
        operator.told(Topics.INVOICES, InvoiceFinalized.class).stream()
            .filter(one -> one.tenantId().equals(tenant))
            .findFirst()
            .orElseThrow()
            .due();
    String event =
        Json.write(new InvoicePaid(Samples.id(IdKind.EVENT), Instant.now(), tenant, id, due));

    redis.stream(String.class).xadd(Topics.INVOICE_PAYMENTS, Map.of(Topics.FIELD, event));
    redis.stream(String.class).xadd(Topics.INVOICE_PAYMENTS, Map.of(Topics.FIELD, event));

    Samples.await("paid", () -> see("/" + id).extract().path("status").equals("paid"));
    see("/" + id).body("paid.amount", equalTo(due.toString()));
  }

  /** After a change of the anchor day the current period is unchanged and the next one is short. */
  @Test
  void aPeriodThatIsShortBecauseItsDaysMovedIsProrated() {
    operator.assign(tenant, plan(), thisMonth.atOffset(ZoneOffset.UTC).minusMonths(1).toInstant());
    closing.closeUntil(Instant.now());

    Instant next = thisMonth.atOffset(ZoneOffset.UTC).plusMonths(1).toInstant();
    operator
        .asks()
        .contentType(ContentType.JSON)
        .body("{\"cadence\":\"anniversary\",\"anchor_day\":15}")
        .put("/v1/invoices/accounts/" + tenant)
        .then()
        .statusCode(200)
        .body("anchor_day", equalTo(15))
        .body("anchor_from", equalTo(next.toString()));
    Instant middle = next.plus(14, ChronoUnit.DAYS);
    draft(Instant.now()).body("period_end", equalTo(next.toString()));
    // 20.00 a month, prorated to the fourteen days up to the fifteenth.
    long month =
        Duration.between(middle.atOffset(ZoneOffset.UTC).minusMonths(1).toInstant(), middle)
            .toDays();
    NanoUsd fee = NanoUsd.rounded(BigDecimal.valueOf(20 * 14), BigDecimal.valueOf(month));
    draft(next)
        .body("period_start", equalTo(next.toString()))
        .body("period_end", equalTo(middle.toString()))
        .body("lines.find { it.kind == 'subscription' }.exact.amount", equalTo(fee.toString()));
    draft(middle)
        .body("period_start", equalTo(middle.toString()))
        .body("lines.find { it.kind == 'subscription' }.exact.amount", equalTo("20.00"));
  }

  private ValidatableResponse draft(Instant at) {
    return see("/draft?at=" + at);
  }

  private ValidatableResponse invoice() {
    return invoice(plan());
  }

  /** Records four jobs of last month on a plan and closes the month. */
  private ValidatableResponse invoice(String plan) {
    operator.assign(tenant, plan, lastMonth.minus(10, ChronoUnit.DAYS));
    for (int at = 0; at < 4; at++) {
      operator.record(job(plan, lastMonth.plusSeconds(at), 3), "accepted");
    }
    closing.closeUntil(Instant.now());
    return see("");
  }

  private static String id(ValidatableResponse page) {
    return page.extract().path("data[0].id");
  }

  private Operator.Job job(String plan, Instant at, long requests) {
    return new Operator.Job(tenant, key, "llm", requests, at, plan + "@1");
  }

  private ValidatableResponse see(String path) {
    return given().auth().oauth2(viewer).get("/v1/invoices" + path).then().statusCode(200);
  }

  /** Creates a postpaid plan with a graduated price and a fee, in force since long ago. */
  private String plan() {
    return operator.oldPlan(
        """
        {"name":"Tiers","prepaid":false,"charges":[
          {"model":"subscription","price":20},
          {"model":"graduated","filter":{"capability":"llm"},"unit":"requests","per":1,
           "tiers":[{"up_to":10,"price":1},{"price":0.5}]}]}""");
  }

  private List<FeeCharged> fees() {
    return operator.told(Topics.FEES, FeeCharged.class).stream()
        .filter(fee -> fee.tenantId().equals(tenant))
        .toList();
  }
}
