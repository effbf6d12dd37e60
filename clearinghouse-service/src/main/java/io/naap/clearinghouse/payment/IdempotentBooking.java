package io.naap.clearinghouse.payment;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.json.Json;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Function;

/** Runs a request that moves money once for each Idempotency-Key, in one ledger transaction. */
@ApplicationScoped
public class IdempotentBooking {
  private final Ledger ledger;
  private final Idempotency idempotency;
  private final Outbox outbox;

  IdempotentBooking(Ledger ledger, Idempotency idempotency, Outbox outbox) {
    this.ledger = ledger;
    this.idempotency = idempotency;
    this.outbox = outbox;
  }

  /**
   * Runs the effect, or gives the first answer again. An effect that throws is rolled back.
   *
   * @param route names the kind of request
   * @param key the {@code Idempotency-Key} header; null when absent
   * @param effect returns the body of a 201
   */
  public Idempotency.Answer once(
      Caller caller,
      String route,
      String key,
      Object request,
      Function<LedgerTransaction, Object> effect) {
    Idempotency.Answer answer =
        ledger.transact(
            transaction ->
                idempotency.once(
                    transaction.tx(),
                    caller,
                    route,
                    key,
                    request,
                    () -> new Idempotency.Answer(201, text(effect.apply(transaction)))));
    outbox.poke();
    return answer;
  }

  private static String text(Object body) {
    return Json.write(body);
  }
}
