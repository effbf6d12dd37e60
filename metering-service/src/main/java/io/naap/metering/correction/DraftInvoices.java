package io.naap.metering.correction;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.metering.period.Anchors;
import io.naap.metering.period.Period;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** Finds or creates the draft invoices on which corrections are shown. */
@ApplicationScoped
public class DraftInvoices {
  private final Ids ids;

  DraftInvoices(Ids ids) {
    this.ids = ids;
  }

  /**
   * Returns the id of the draft invoice that shows a correction of an event that occurred then:
   * that of the event's period, or of the first open period when the event's is closed. Creates the
   * draft if there is none.
   */
  public String of(Tx tx, String tenant, Instant occurredAt) {
    Optional<Row> account =
        tx.one(
            "select closed_through, "
                + Anchors.COLUMNS
                + " from tenant_account where tenant_id = $1",
            tenant);
    Instant closed =
        account
            .map(row -> row.getOffsetDateTime("closed_through"))
            .map(OffsetDateTime::toInstant)
            .filter(occurredAt::isBefore)
            .orElse(occurredAt);
    Period period = account.map(Anchors::of).orElse(Anchors.CALENDAR).period(closed);
    return tx.one(
            """
            insert into invoice (id, tenant_id, kind, status, period_start, period_end, document, total, due)
            values ($1, $2, 'invoice', 'draft', $3, $4, '{}', 0, 0)
            on conflict (tenant_id, period_start) where kind = 'invoice' do update set total = invoice.total
            returning id""",
            ids.next(IdKind.INVOICE),
            tenant,
            period.start().atOffset(ZoneOffset.UTC),
            period.end().atOffset(ZoneOffset.UTC))
        .orElseThrow()
        .getString(0);
  }
}
