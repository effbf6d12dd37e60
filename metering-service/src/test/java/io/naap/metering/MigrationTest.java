package io.naap.metering;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** Migrates a database that already holds usage, plans and webhooks. */
class MigrationTest {
  private static final String TENANT = "ten_01kaq3v7g8e2nb0p4m6r9t1x5z";

  @Test
  void usageOfBeforeIsThereAfterwards() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      DataSource store = postgres.getPostgresDatabase();
      migrate(store, "2");
      try (Connection connection = store.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            """
            insert into usage_event (event_id, request_id, sequence, instance, spool_position, opened_at, occurred_at,
              tenant_id, key_id, tags, capability, model, tier, pool, gateway, status, outcome, requests, pixels,
              generations, tokens_in, tokens_out, milliseconds, characters, plan, funding_id, estimated_cost,
              latency_millis, state, reason, cost, received_at)
            select 'req_01kaq3v7g8' || lpad(n::text, 16, '0') || '-0', 'req_01kaq3v7g8' || lpad(n::text, 16, '0'), 0,
              'router-1', n, now(), now(), '%1$s', 'key_01kaq3v7g8e2nb0p4m6r9t1x5z', '{a,b}', 'llm', 'm', 'standard',
              'default', 'gateway-a', 200, 'succeeded', 1, 0, 0, 7, 9, 0, 0, 'pln_01kaq3v7g8e2nb0p4m6r9t1x5z@1', null, 0,
              20, case when n = 10 then 'quarantined' else 'rated' end, case when n = 10 then 'no price' end,
              case when n = 10 then 0 else 1000 + n end, now()
            from generate_series(1, 10) n"""
                .formatted(TENANT));
        statement.execute(
            """
            insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome,
              jobs, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost)
            select g, date_trunc(g, now(), 'UTC'), '%1$s', 'key_1', 'llm', 'm', 'standard', 200, 'succeeded', 9, 9, 0, 0,
              63, 81, 0, 0, 9045 from unnest(array['minute', 'hour', 'day']) g"""
                .formatted(TENANT));
        statement.execute(
            "insert into tenant_plan values ('%s', 'pln_01kaq3v7g8e2nb0p4m6r9t1x5z')"
                .formatted(TENANT));
      }

      migrate(store, "3");
      assertThat(text(store, "select count(*) || ' ' || sum(cost) from usage_event"))
          .isEqualTo("10 9045");
      assertThat(
              text(store, "select string_agg(distinct state, ' ' order by state) from usage_event"))
          .isEqualTo("accepted quarantined");
      assertThat(
              text(
                  store,
                  "select string_agg(granularity || ' ' || events || ' ' || cost, ', ' order by granularity) from usage_rollup"))
          .isEqualTo("day 9 9045, hour 9 9045, minute 9 9045");
      assertThat(
              text(
                  store,
                  "select plan_id from tenant_assignment where tenant_id = '" + TENANT + "'"))
          .isEqualTo("pln_01kaq3v7g8e2nb0p4m6r9t1x5z");
      assertThat(
              text(
                  store,
                  "select own_charges = charges and prepaid from plan_version where version = 1"))
          .isEqualTo("t");
      // Event ids stored before the migration are still unique.
      assertThat(
              text(
                  store,
                  "with again as (insert into usage_event select * from usage_event on conflict (event_id) do nothing returning 1) select count(*) from again"))
          .isEqualTo("0");

      try (Connection connection = store.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "insert into webhook (id, tenant_id, url, events, secret) values ('whk_1', '%s', 'https://x', '{test}', 'whsec_x')"
                .formatted(TENANT));
      }
      migrate(store, "latest");
      assertThat(text(store, "select secret from webhook")).isEqualTo("whsec_x");
    }
  }

  private static void migrate(DataSource store, String target) {
    Flyway.configure().dataSource(store).target(target).load().migrate();
  }

  private static String text(DataSource store, String sql) throws Exception {
    try (Connection connection = store.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}
