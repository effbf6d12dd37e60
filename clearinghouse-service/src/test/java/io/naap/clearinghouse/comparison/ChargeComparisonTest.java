package io.naap.clearinghouse.comparison;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.contracts.events.ChargeRated;
import io.naap.contracts.events.ChargesAsked;
import io.naap.contracts.events.ChargesListed;
import io.naap.contracts.events.ChargesSummed;
import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Role;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.redis.datasource.stream.StreamRange;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What metering charged is held against the ledger, and given back once. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class ChargeComparisonTest {
  private static final AtomicInteger SPANS = new AtomicInteger();

  @Inject RedisDataSource redis;
  @Inject ChargeComparison comparison;
  @Inject Ledger ledger;

  private final String tenant = Samples.tenant();

  /** Each test has seconds of its own, in which nothing else is rated. */
  private final Instant from =
      Instant.parse("2031-01-01T00:00:00Z").plusSeconds(10L * SPANS.getAndIncrement());

  private final Instant to = from.plusSeconds(10);

  @Test
  void closesASpanWhoseSumsAreEqual() {
    ChargeRated charge = charge("0.5", 1);
    send(Topics.CHARGES, charge);
    sums(1, "0.5");

    Samples.await("compared", () -> openSpans() == 0);
    assertThat(difference(charge.usageEventId())).isEmpty();
  }

  @Test
  void namesAMissingChargeAsksForItAndSeesItHealed() {
    ChargeRated there = charge("0.5", 1);
    ChargeRated lost = charge("0.25", 2);
    send(Topics.CHARGES, there);
    sums(2, "0.75");
    Samples.await(
        "asked to list the span", () -> asked().anyMatch(one -> one.sendAgain().isEmpty()));
    list(there, lost);

    Samples.await(
        "asked to send it again",
        () -> asked().anyMatch(one -> one.sendAgain().equals(List.of(lost.usageEventId()))));
    assertThat(difference(lost.usageEventId())).isEqualTo("missing, healed false");
    assertThat(rule("metering and the ledger agree on every charge")).contains(lost.usageEventId());
    send(Topics.CHARGES, lost);

    Samples.await("healed", () -> difference(lost.usageEventId()).equals("missing, healed true"));
    assertThat(rule("metering and the ledger agree on every charge"))
        .doesNotContain(lost.usageEventId());
  }

  @Test
  void namesAChargeOfAnotherAmountAndOneThatMeteringDoesNotHave() {
    ChargeRated other = charge("0.5", 1);
    ChargeRated unknown = charge("0.3", 2);
    send(Topics.CHARGES, other);
    send(Topics.CHARGES, unknown);
    Samples.await("charged", () -> Samples.balance(tenant).contains("owed 0.80"));
    listed(new ChargesListed.Listed(other.usageEventId(), NanoUsd.parse("0.6"), NanoUsd.ZERO));

    Samples.await(
        "named",
        () ->
            difference(other.usageEventId()).equals("amount, healed false")
                && difference(unknown.usageEventId()).equals("unknown, healed false"));
    forget(other, unknown);
  }

  @Test
  void aRefundIsComparedAsWell() {
    ChargeRated charge = charge("0.5", 1);
    send(Topics.CHARGES, charge);
    Samples.await("charged", () -> Samples.balance(tenant).contains("owed 0.50"));
    listed(
        new ChargesListed.Listed(charge.usageEventId(), charge.amount(), NanoUsd.ZERO),
        new ChargesListed.Listed(
            charge.usageEventId() + "-r", NanoUsd.parse("-0.5"), NanoUsd.ZERO));
    Samples.await(
        "named", () -> difference(charge.usageEventId() + "-r").equals("missing, healed false"));

    send(Topics.FEES, correction(charge));

    Samples.await(
        "healed", () -> difference(charge.usageEventId() + "-r").equals("missing, healed true"));
    assertThat(Samples.balance(tenant)).contains("owed 0.00");
  }

  @Test
  void aJobIsGivenBackOnceByACorrectionOrAReversal() {
    ChargeRated charge = charge("0.5", 1);
    send(Topics.CHARGES, charge);
    Samples.await("charged", () -> Samples.balance(tenant).contains("owed 0.50"));
    send(Topics.FEES, correction(charge));
    Samples.await("corrected", () -> Samples.balance(tenant).contains("owed 0.00"));

    reverse(journal(charge)).statusCode(409).body("code", org.hamcrest.Matchers.is("given_back"));

    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.00, balance 0.00");
  }

  @Test
  void aCorrectionAfterAReversalGivesNothingBackAgain() {
    ChargeRated charge = charge("0.5", 1);
    send(Topics.CHARGES, charge);
    Samples.await("charged", () -> Samples.balance(tenant).contains("owed 0.50"));
    reverse(journal(charge)).statusCode(201);
    send(Topics.FEES, correction(charge));
    FeeCharged later = fee("0.125");
    send(Topics.FEES, later);

    Samples.await("the later fee is booked", () -> Samples.balance(tenant).contains("owed 0.125"));
    assertThat(Samples.balance(tenant))
        .isEqualTo("available 0.00, set aside 0.00, owed 0.125, balance -0.125");
    listed(
        new ChargesListed.Listed(charge.usageEventId(), charge.amount(), NanoUsd.ZERO),
        new ChargesListed.Listed(
            charge.usageEventId() + "-r", NanoUsd.parse("-0.5"), NanoUsd.ZERO));
    Samples.await("compared", () -> taken(Topics.CHARGE_LISTS));
    assertThat(difference(charge.usageEventId() + "-r")).isEmpty();
  }

  private boolean taken(String stream) {
    return redis.stream(String.class).xpending(stream, "clearinghouse").getPendingCount() == 0;
  }

  private FeeCharged correction(ChargeRated charge) {
    return new FeeCharged(
        charge.usageEventId() + "-r",
        from.plusSeconds(9),
        tenant,
        "adjustment",
        Samples.id(IdKind.INVOICE),
        charge.amount().negated(),
        Optional.empty(),
        Optional.of(charge.usageEventId()));
  }

  private FeeCharged fee(String dollars) {
    return new FeeCharged(
        Samples.id(IdKind.EVENT),
        Instant.now(),
        tenant,
        "minimum",
        Samples.id(IdKind.INVOICE),
        NanoUsd.parse(dollars));
  }

  private io.restassured.response.ValidatableResponse reverse(String journal) {
    return given()
        .auth()
        .oauth2(Tokens.of(Samples.tenant(), Role.OPERATOR))
        .header("Idempotency-Key", Samples.id(IdKind.EVENT))
        .contentType(ContentType.JSON)
        .body("{\"journal_id\":\"%s\",\"reason\":\"a test\"}".formatted(journal))
        .post("/v1/payments/reversals")
        .then();
  }

  private String journal(ChargeRated charge) {
    return ledger.read(
        tx ->
            tx.one("select journal_id from charge where usage_event_id = $1", charge.usageEventId())
                .orElseThrow()
                .getString(0));
  }

  private ChargeRated charge(String dollars, int second) {
    ChargeRated sample = Samples.charge(tenant, dollars, null);
    return new ChargeRated(
        new ChargeRated.Source(
            sample.eventId(),
            sample.usageEventId(),
            sample.requestId(),
            sample.occurredAt(),
            from.plusSeconds(second)),
        new ChargeRated.Job(
            sample.tenantId(),
            sample.keyId(),
            sample.capability(),
            sample.model(),
            sample.pool(),
            sample.gateway(),
            sample.units()),
        new ChargeRated.Price(
            sample.plan(),
            sample.fundingId(),
            sample.amount(),
            sample.sponsored(),
            Optional.empty()));
  }

  @Test
  void usageThatMeteringCouldNotStoreIsALineOfReconciliation() {
    Instant since = Instant.parse("2026-11-01T10:00:00Z");
    String line = "differences.find { it.name.startsWith('usage that metering could not store') }";

    sums(0, "0", 3, Optional.of(since));

    Samples.await("told", () -> reconciliation().<Object>path(line) != null);
    assertThat(reconciliation().<String>path(line + ".amount")).isEqualTo("3");
    assertThat(reconciliation().<String>path(line + ".explanation")).contains("2026-11-01 10:00");
  }

  private static io.restassured.response.Response reconciliation() {
    return io.restassured.RestAssured.given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/reconciliation");
  }

  private void sums(long charges, String amount) {
    sums(charges, amount, 0, Optional.empty());
  }

  private void sums(long charges, String amount, long unstored, Optional<Instant> unstoredSince) {
    send(
        Topics.CHARGE_SUMS,
        new ChargesSummed(
            Samples.id(IdKind.EVENT),
            from,
            to,
            charges,
            NanoUsd.parse(amount),
            NanoUsd.ZERO,
            unstored,
            unstoredSince));
    Samples.await("the sums came", () -> taken(Topics.CHARGE_SUMS));
  }

  private void list(ChargeRated... charges) {
    List<ChargesListed.Listed> all = new ArrayList<>();
    for (ChargeRated one : charges) {
      all.add(new ChargesListed.Listed(one.usageEventId(), one.amount(), NanoUsd.ZERO));
    }
    listed(all.toArray(ChargesListed.Listed[]::new));
  }

  private void listed(ChargesListed.Listed... charges) {
    send(
        Topics.CHARGE_LISTS,
        new ChargesListed(
            Samples.id(IdKind.EVENT), from, to, "", Optional.empty(), List.of(charges)));
  }

  private void send(String topic, Object event) {
    redis.stream(String.class).xadd(topic, Map.of(Topics.FIELD, Json.write(event)));
  }

  private java.util.stream.Stream<ChargesAsked> asked() {
    return redis.stream(String.class)
        .xrange(Topics.CHARGE_QUESTIONS, StreamRange.of("-", "+"))
        .stream()
        .flatMap(entry -> entry.payload().get(Topics.FIELD).lines())
        .map(event -> Json.read(event, ChargesAsked.class))
        .filter(one -> one.from().equals(from.truncatedTo(ChronoUnit.SECONDS)));
  }

  private long openSpans() {
    return ledger.read(
        tx ->
            tx.one("select count(*) from charge_span where span_from = $1", ChargeSpans.time(from))
                .orElseThrow()
                .getLong(0));
  }

  private String difference(String usageEventId) {
    return ledger.read(
        tx ->
            tx.one(
                    "select kind || ', healed ' || (healed_at is not null)::text"
                        + " from charge_difference where usage_event_id = $1",
                    usageEventId)
                .map(row -> row.getString(0))
                .orElse(""));
  }

  private void forget(ChargeRated... charges) {
    for (ChargeRated one : charges) {
      ledger.read(
          tx ->
              tx.change(
                  "delete from charge_difference where usage_event_id = $1", one.usageEventId()));
    }
  }

  private static String rule(String name) {
    return given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/reconciliation/verification")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath()
        .getString("rules.find { it.name == '%s' }.examples".formatted(name));
  }
}
