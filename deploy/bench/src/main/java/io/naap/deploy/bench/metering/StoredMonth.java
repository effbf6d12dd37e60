package io.naap.deploy.bench.metering;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Thirty days of events, made inside the database. */
final class StoredMonth {
  private final MeteringLab lab;
  private final int events;

  StoredMonth(MeteringLab lab, int events) {
    this.lab = lab;
    this.events = events;
  }

  /**
   * Events of thirty days and their sums by hour and day, made inside the database, two days at a
   * time: what would be there by then. A day is filled before it becomes a partition, so that its
   * indexes are built at once.
   */
  String make() throws Exception {
    int perDay = events / 30;
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Callable<String>> days = new ArrayList<>();
      for (int day = 1; day <= 30; day++) {
        int back = day;
        days.add(
            () -> {
              // A run before this one may have been stopped between two days.
              if (!isStored(back)) {
                lab.together(day(back, perDay));
              }
              return "stored";
            });
      }
      for (Future<String> one : pool.invokeAll(days)) {
        one.get();
      }
    }
    lab.execute("vacuum (analyze, freeze off) usage_rollup");
    lab.execute("analyze usage_event");
    return lab.number("select sum(events) from usage_day where key_id like 'key_01kaq3v7g8%'")
        + " events, "
        + lab.number(
            "select sum(pg_total_relation_size(inhrelid)) / 1048576 from pg_inherits where inhparent = 'usage_event'::regclass")
        + " MiB";
  }

  private boolean isStored(int back) throws Exception {
    return lab.alone(
            "select count(*) from usage_day where bucket = date_trunc('day', now(), 'UTC') - interval '%d days'"
                    .formatted(back)
                + " and key_id like 'key_01kaq3v7g8%'")
        > 0;
  }

  private static List<String> day(int back, int perDay) {
    String name =
        "usage_event_"
            + LocalDate.now(ZoneOffset.UTC)
                .minusDays(back)
                .format(DateTimeFormatter.BASIC_ISO_DATE);
    String begin = "(date_trunc('day', now(), 'UTC') - interval '%d days')".formatted(back);
    int aSecond = Math.ceilDiv(perDay, 82_800);
    return List.of(
        "drop table if exists " + name,
        "create table %s (like usage_event including defaults including constraints)"
            .formatted(name),
        """
        insert into %1$s (event_id, spool_position, opened_at, occurred_at, received_at, requests, pixels,
          generations, tokens_in, tokens_out, milliseconds, characters, cost, estimated_cost, latency_millis, sequence,
          status, tenant_id, key_id, capability, model, tier, pool, gateway, instance, outcome, plan, state, tags)
        select prefix || lpad(n::text, 16, '0') || '-0', n, at, at + n %% 900 * interval '1 ms', at, 1, 1000000, 1, 0, 0, 0, 0,
          5000000, 0, 20, 0, 200, 'ten_01kaq3v7g8' || lpad((n %% %5$d)::text, 16, '0'),
          'key_01kaq3v7g8' || lpad((n %% %6$d)::text, 16, '0'),
          (array['text-to-image', 'llm', 'upscale', 'text-to-speech'])[1 + n %% 4], 'bench/model-' || n %% 5,
          'standard', 'default', 'gateway-a', 'stored', 'succeeded', '%7$s', 'accepted', '{}'
        from (select s, %2$s + s * interval '1 second' as at, id_floor(%2$s + s * interval '1 second') as prefix
          from generate_series(0, 82799) s offset 0) seconds,
          lateral generate_series(s * %3$d + 1, least((s + 1) * %3$d, %4$d)) n"""
            .formatted(
                name, begin, aSecond, perDay, Traffic.TENANTS, Traffic.TENANTS * 2, Traffic.PLAN),
        "alter table %1$s add primary key (event_id)".formatted(name),
        "create index on %1$s (tenant_id, occurred_at desc, event_id desc)".formatted(name),
        "create index on %1$s using brin (occurred_at)".formatted(name),
        "alter table usage_event attach partition %1$s for values from (id_floor(%2$s)) to (id_floor(%2$s + interval '1 day'))"
            .formatted(name, begin)
            .replace("id_floor(" + begin + ")", "'" + floor(back) + "'")
            .replace("id_floor(" + begin + " + interval '1 day')", "'" + floor(back - 1) + "'"),
        """
        insert into usage_rollup (granularity, bucket, tenant_id, key_id, capability, model, tier, status, outcome, late,
          jobs, events, requests, pixels, generations, tokens_in, tokens_out, milliseconds, characters, cost, sponsored,
          waived, network_cost)
        select g, date_trunc(g, hour, 'UTC'), tenant_id, key_id, capability, model, 'standard', 200, 'succeeded', false,
          sum(events), sum(events), sum(events), sum(pixels), sum(events), 0, 0, 0, 0, sum(cost), 0, 0, 0
        from (select date_trunc('hour', occurred_at, 'UTC') as hour, tenant_id, key_id, capability, model,
            count(*) as events, sum(pixels) as pixels, sum(cost) as cost
          from %s group by 1, 2, 3, 4, 5) hours, unnest(array['hour', 'day']) g
        group by 1, 2, 3, 4, 5, 6 order by 1, 3, 2 on conflict do nothing"""
            .formatted(name));
  }

  /** The least id of a day. */
  private static String floor(int back) {
    return Traffic.prefix(
        LocalDate.now(ZoneOffset.UTC).minusDays(back).atStartOfDay(ZoneOffset.UTC).toInstant());
  }
}
