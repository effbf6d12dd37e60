package io.naap.metering.watermark;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;

/** What routers have declared missing, in Postgres. */
@ApplicationScoped
public class MissingUsage {
  private final Transactions transactions;

  MissingUsage(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Positions of a router's spool that its usage is missing from.
   *
   * @param id in the order they arrived
   * @param reason {@code unreadable}, {@code unclosed} or {@code forgotten}, see the README
   * @param foundAt by the router's clock
   */
  public record Range(
      @JsonIgnore long id,
      String instance,
      long missingFrom,
      long missingTo,
      String reason,
      Instant foundAt,
      Instant receivedAt) {}

  /** A page of the ranges, the newest first. */
  public Page<Range> list(PageRequest page) {
    return Page.of(
        transactions
            .run(
                tx ->
                    tx.query(
                        """
                        select id, instance, missing_from, missing_to, reason, found_at, received_at
                        from usage_missing where id < $1 order by id desc limit $2""",
                        page.after().map(end -> end.number(0)).orElse(Long.MAX_VALUE),
                        page.oneMore()))
            .stream()
            .map(
                row ->
                    new Range(
                        row.getLong("id"),
                        row.getString("instance"),
                        row.getLong("missing_from"),
                        row.getLong("missing_to"),
                        row.getString("reason"),
                        row.getOffsetDateTime("found_at").toInstant(),
                        row.getOffsetDateTime("received_at").toInstant()))
            .toList(),
        page.size(),
        range -> Cursor.of(range.id()));
  }
}
