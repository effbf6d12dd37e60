package io.naap.metering.cost;

import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.money.Wei;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Transactions;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Computes revenue and network cost by day and capability, from the sums of usage in Postgres. */
@ApplicationScoped
public class Margins {
  private final Transactions transactions;

  Margins(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Revenue, cost and margin of one capability on one day.
   *
   * @param revenue what tenants are charged for jobs
   * @param sponsored what sponsors are charged for jobs
   * @param bookCost the cost of the jobs by the cost book
   * @param ticketCost the expected value of the signed tickets in dollars, at the exchange rate of
   *     their time; absent when there were no tickets or no rate was known
   * @param tickets the expected value of the signed tickets in wei
   * @param margin {@code revenue + sponsored - ticketCost}, or {@code - bookCost} when {@code
   *     ticketCost} is absent
   */
  public record Margin(
      LocalDate day,
      String capability,
      NanoUsd revenue,
      NanoUsd sponsored,
      NanoUsd bookCost,
      Optional<NanoUsd> ticketCost,
      Wei tickets,
      NanoUsd margin) {}

  /** Returns a page of the margins from one day up to, not including, another. */
  Page<Margin> between(LocalDate from, LocalDate to, PageRequest page) {
    List<Margin> rows =
        transactions
            .run(
                tx ->
                    tx.query(
                        """
                        with used as (
                          select (bucket at time zone 'UTC')::date as day, capability, sum(cost) as revenue,
                            sum(sponsored) as sponsored, sum(network_cost) as book
                          from usage_rollup where granularity = 'day' and bucket >= $1 and bucket < $2 group by 1, 2
                        ), signed as (
                          select (occurred_at at time zone 'UTC')::date as day, capability, sum(wei) as wei, sum(usd) as usd
                          from network_cost where occurred_at >= $1 and occurred_at < $2 group by 1, 2
                        )
                        select day, capability, coalesce(revenue, 0)::bigint revenue, coalesce(sponsored, 0)::bigint sponsored,
                          coalesce(book, 0)::bigint book, usd::bigint usd, coalesce(wei, 0)::text wei
                        from used full join signed using (day, capability)
                        where (day, capability) > ($3, $4) order by day, capability limit $5""",
                        start(from),
                        start(to),
                        page.after().map(Margins::day).orElse(LocalDate.EPOCH),
                        page.after().map(end -> end.text(1)).orElse(""),
                        page.oneMore()))
            .stream()
            .map(Margins::read)
            .toList();
    return Page.of(rows, page.size(), row -> Cursor.of(row.day(), row.capability()));
  }

  private static OffsetDateTime start(LocalDate day) {
    return day.atStartOfDay().atOffset(ZoneOffset.UTC);
  }

  private static LocalDate day(Cursor end) {
    try {
      return LocalDate.parse(end.text(0));
    } catch (DateTimeException noDay) {
      throw Cursor.unreadable();
    }
  }

  private static Margin read(Row row) {
    NanoUsd revenue = NanoUsd.ofNanos(row.getLong("revenue"));
    NanoUsd sponsored = NanoUsd.ofNanos(row.getLong("sponsored"));
    NanoUsd cost = NanoUsd.ofNanos(row.getLong("book"));
    Optional<NanoUsd> tickets = Optional.ofNullable(row.getLong("usd")).map(NanoUsd::ofNanos);
    return new Margin(
        row.getLocalDate("day"),
        row.getString("capability"),
        revenue,
        sponsored,
        cost,
        tickets,
        new Wei(new BigDecimal(row.getString("wei")).toBigIntegerExact()),
        revenue.plus(sponsored).minus(tickets.orElse(cost)));
  }
}
