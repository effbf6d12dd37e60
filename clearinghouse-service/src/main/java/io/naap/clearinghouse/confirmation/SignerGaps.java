package io.naap.clearinghouse.confirmation;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The list of disagreements between stock signers and their hook, in Postgres. */
@ApplicationScoped
public class SignerGaps {
  private static final Logger LOG = Logger.getLogger(SignerGaps.class);

  private final Transactions transactions;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;

  SignerGaps(Transactions transactions, ClearinghouseMetrics metrics, Clock clock) {
    this.transactions = transactions;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * One disagreement, as operators see it.
   *
   * @param kind unconfirmed, unauthorized, signed_again, other_parties, fee_differs, tickets_differ
   * @param subject the session and its payment's number, or the manifest
   * @param resolvedAt absent while it stands
   */
  public record Gap(
      String kind,
      String subject,
      String caller,
      String detail,
      Instant foundAt,
      Instant resolvedAt) {
    Cursor position() {
      return Cursor.of(resolvedAt != null, foundAt, kind, subject);
    }
  }

  /** Stores the disagreements that a subject has now, and resolves those it no longer has. */
  void record(Tx tx, String subject, List<Comparison.Gap> gaps) {
    String[] standing = gaps.stream().map(gap -> gap.kind().wireName()).toArray(String[]::new);
    tx.change(
        """
        update signer_gap set resolved_at = $2
        where subject = $1 and resolved_at is null and kind <> all($3)""",
        subject,
        now(),
        standing);
    for (Comparison.Gap gap : gaps) {
      int fresh =
          tx.change(
              """
              insert into signer_gap (kind, subject, caller, detail, found_at)
              values ($1, $2, $3, $4, $5)
              on conflict (kind, subject) do update set detail = excluded.detail,
                found_at = excluded.found_at, resolved_at = null
              where signer_gap.resolved_at is not null or signer_gap.detail <> excluded.detail""",
              gap.kind().wireName(),
              subject,
              gap.caller(),
              gap.detail(),
              now());
      if (fresh > 0) {
        LOG.warnf(
            "a stock signer and its hook disagree, kind=%s subject=%s caller=%s: %s",
            gap.kind().wireName(), subject, gap.caller(), gap.detail());
      }
    }
  }

  /** Sets the metrics to the number of disagreements that stand. */
  void count() {
    transactions.run(
        tx -> {
          for (Comparison.Kind kind : Comparison.Kind.values()) {
            long open =
                tx.one(
                        "select count(*) n from signer_gap where kind = $1 and resolved_at is null",
                        kind.wireName())
                    .orElseThrow()
                    .getLong("n");
            metrics.signerGaps(kind.wireName(), open);
          }
          return null;
        });
  }

  /** The disagreements of a page and one more: those that stand first, the newest first. */
  List<Gap> list(PageRequest page) {
    Optional<Cursor> after = page.after();
    return transactions.run(
        tx ->
            tx
                .query(
                    """
                    select * from signer_gap
                    where $1::boolean is null or (resolved_at is not null) > $1
                      or ((resolved_at is not null) = $1 and (found_at < $2::timestamptz
                        or (found_at = $2 and (kind, subject) > ($3::text, $4::text))))
                    order by resolved_at is not null, found_at desc, kind, subject limit $5""",
                    after
                        .map(cursor -> Boolean.valueOf(cursor.text(0, SignerGaps::isBoolean)))
                        .orElse(null),
                    after.map(cursor -> cursor.time(1).atOffset(ZoneOffset.UTC)).orElse(null),
                    after.map(cursor -> cursor.text(2)).orElse(null),
                    after.map(cursor -> cursor.text(3)).orElse(null),
                    (long) page.oneMore())
                .stream()
                .map(SignerGaps::gap)
                .toList());
  }

  private static boolean isBoolean(String text) {
    return "true".equals(text) || "false".equals(text);
  }

  private static Gap gap(Row row) {
    OffsetDateTime resolved = row.getOffsetDateTime("resolved_at");
    return new Gap(
        row.getString("kind"),
        row.getString("subject"),
        row.getString("caller"),
        row.getString("detail"),
        row.getOffsetDateTime("found_at").toInstant(),
        resolved == null ? null : resolved.toInstant());
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }
}
