package io.naap.metering.watermark;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;

/** Reads from Postgres the ranges of usage that routers declared missing. */
@ApplicationScoped
public class MissingUsage {
  private final Transactions transactions;

  MissingUsage(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * A range of positions in a router's spool whose usage is missing.
   *
   * @param id ascending in the order of arrival
   * @param reason {@code unreadable}, {@code unclosed} or {@code forgotten}, see the README
   * @param foundAt when the router found it, by the router's clock
   */
  public record Range(
      @JsonIgnore long id,
      String instance,
      long missingFrom,
      long missingTo,
      String reason,
      Instant foundAt,
      Instant receivedAt) {}

  /** Returns a page of the ranges, the newest first. */
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
