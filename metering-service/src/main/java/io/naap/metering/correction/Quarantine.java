package io.naap.metering.correction;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;

/** Reads the events that could not be rated and wait for an operator. */
@ApplicationScoped
public class Quarantine {
  private final Transactions transactions;

  Quarantine(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * An event that could not be rated. In JSON the fields of all parts form one flat object.
   *
   * @param payload the whole event as JSON
   */
  public record QuarantinedEvent(
      String eventId,
      Instant receivedAt,
      @JsonUnwrapped Job job,
      String plan,
      String reason,
      String payload) {}

  /** What ran, and for whom. */
  public record Job(String tenantId, String keyId, String capability, String model) {}

  /** Returns a page of the quarantined events, in the order of their ids, oldest first. */
  Page<QuarantinedEvent> list(PageRequest page) {
    return Page.of(
        transactions
            .run(
                tx ->
                    tx.query(
                        """
                        select event_id, received_at, tenant_id, key_id, capability, model, plan, reason, payload
                        from usage_event where state = 'quarantined' and event_id > $1 order by event_id limit $2\
                        """,
                        page.after().map(end -> end.text(0)).orElse(""),
                        page.oneMore()))
            .stream()
            .map(
                row ->
                    new QuarantinedEvent(
                        row.getString("event_id"),
                        row.getOffsetDateTime("received_at").toInstant(),
                        new Job(
                            row.getString("tenant_id"),
                            row.getString("key_id"),
                            row.getString("capability"),
                            row.getString("model")),
                        row.getString("plan"),
                        row.getString("reason"),
                        row.getString("payload")))
            .toList(),
        page.size(),
        event -> Cursor.of(event.eventId()));
  }
}
