package io.naap.metering.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.testing.Stores;
import io.naap.metering.Samples;
import io.naap.metering.partition.Partitions;
import io.naap.metering.partition.RetentionConfig;
import io.naap.store.Transactions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
class PartitionsTest {
  @Inject Transactions transactions;
  @Inject Ingest ingest;

  private final String tenant = Samples.id(IdKind.TENANT);
  private final Instant old = Instant.now().minus(40, ChronoUnit.DAYS);

  private record Kept(Optional<Period> events) implements RetentionConfig {
    @Override
    public Duration minutes() {
      return Duration.ofDays(39);
    }

    @Override
    public Duration hours() {
      return Duration.ofDays(39);
    }

    @Override
    public Duration requests() {
      return Duration.ofDays(14);
    }

    @Override
    public Duration deliveries() {
      return Duration.ofDays(30);
    }
  }

  /** Resets the horizon, as other tests store usage of last month. */
  @AfterEach
  void keepEverythingAgain() {
    transactions.run(tx -> tx.change("delete from usage_horizon"));
  }

  @Test
  void letsADayGoOnlyWhenItIsInvoicedAndTakesNoneOfItAgain() throws Exception {
    UsageRecorded event = of(old);
    UsageRecorded recent = of(Instant.now());
    store(event);
    store(recent);

    atOnce(new Kept(Optional.of(Period.ofDays(39))));
    assertThat(count("usage_event", event)).isEqualTo(1);

    transactions.run(
        tx ->
            tx.change(
                "insert into tenant_account (tenant_id, closed_through, invoiced_through) values ($1, $2, $2)",
                tenant,
                old.plus(2, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC)));
    transactions.run(
        tx ->
            tx.change(
                """
                insert into tenant_account (tenant_id, closed_through, invoiced_through)
                select distinct tenant_id, now(), now() from usage_day where bucket < $1
                on conflict (tenant_id) do update set invoiced_through = now()""",
                old.plus(1, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC)));
    atOnce(new Kept(Optional.of(Period.ofDays(39))));

    assertThat(count("usage_event", event)).isZero();
    assertThat(count("usage_event", recent)).isEqualTo(1);
    assertThat(sums("usage_minute")).isEqualTo(1);
    assertThat(sums("usage_hour")).isEqualTo(1);
    assertThat(sums("usage_day")).isEqualTo(2);

    store(event);
    String again =
        transactions.run(
            tx ->
                tx.one("select reason from usage_event where event_id = $1", event.eventId())
                    .orElseThrow()
                    .getString(0));
    assertThat(again).isEqualTo("older than what is kept");
    assertThat(sums("usage_day")).isEqualTo(2);
  }

  private void store(UsageRecorded event) {
    List<StoredRow> stored = transactions.run(tx -> ingest.store(tx, List.of(event)));
    ingest.done(stored);
  }

  private UsageRecorded of(Instant at) {
    UsageRecorded sample = Samples.image(tenant, Samples.id(IdKind.KEY));
    String request =
        transactions.<String>run(
                tx ->
                    tx.one("select id_floor($1)", at.atOffset(ZoneOffset.UTC))
                        .orElseThrow()
                        .getString(0))
            + sample.requestId().substring(14);
    return new UsageRecorded(
        new UsageRecorded.Source(request + "-0", request, 0, sample.instance(), 0, at, at),
        new UsageRecorded.Who(tenant, sample.keyId(), sample.tags()),
        new UsageRecorded.What(
            sample.capability(), sample.model(), sample.tier(), sample.pool(), sample.gateway()),
        new UsageRecorded.End(
            sample.status(),
            sample.outcome(),
            sample.units(),
            sample.plan(),
            sample.fundingId(),
            sample.estimatedCost(),
            sample.latencyMillis()));
  }

  /** Runs the job as three replicas, twice each. */
  private void atOnce(RetentionConfig config) throws Exception {
    Partitions partitions = new Partitions(transactions, config, Clock.systemUTC());
    try (ExecutorService replicas = Executors.newFixedThreadPool(3)) {
      List<Callable<Object>> all = new ArrayList<>();
      for (int at = 0; at < 6; at++) {
        all.add(Executors.callable(partitions::run));
      }
      for (Future<Object> one : replicas.invokeAll(all)) {
        one.get();
      }
    }
  }

  private long count(String table, UsageRecorded event) {
    return transactions.run(
        tx ->
            tx.one("select count(*) from " + table + " where event_id = $1", event.eventId())
                .orElseThrow()
                .getLong(0));
  }

  private long sums(String table) {
    return transactions.run(
        tx ->
            tx.one("select count(*) from " + table + " where tenant_id = $1", tenant)
                .orElseThrow()
                .getLong(0));
  }
}
