package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Reads payments. */
@ApplicationScoped
class Payments {
  private final Ledger ledger;

  Payments(Ledger ledger) {
    this.ledger = ledger;
  }

  /** The tenant's payments of a page and one more, the newest first. */
  List<Payment> list(String tenantId, PageRequest page) {
    return ledger.read(
        tx ->
            tx
                .query(
                    "select * from payment where tenant_id = $1 and ($2::text is null or id < $2)"
                        + " order by id desc limit $3",
                    tenantId,
                    page.after().map(cursor -> cursor.text(0)).orElse(null),
                    page.oneMore())
                .stream()
                .map(Payment::read)
                .toList());
  }

  static Cursor position(Payment payment) {
    return Cursor.of(payment.id());
  }
}
