package io.naap.metering.plan;

import io.naap.contracts.identity.Caller;
import io.naap.contracts.problem.Refusal;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.naap.store.idempotency.Idempotency;
import io.naap.store.outbox.Outbox;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;

/**
 * Runs the effect of a POST once for each {@code Idempotency-Key}, however often the request is
 * sent, and then starts the sending of outbox rows.
 */
@ApplicationScoped
class OncePosted {
  private final Transactions transactions;
  private final Idempotency idempotency;
  private final Outbox outbox;
  private final SecurityIdentity identity;

  OncePosted(
      Transactions transactions,
      Idempotency idempotency,
      Outbox outbox,
      SecurityIdentity identity) {
    this.transactions = transactions;
    this.idempotency = idempotency;
    this.outbox = outbox;
    this.identity = identity;
  }

  static void require(Object request) {
    if (request == null) {
      throw Refusal.invalid("Send a body.").raise();
    }
  }

  Response run(String key, String route, Object request, Function<Tx, String> effect) {
    require(request);
    Caller caller = Caller.of(identity);
    Idempotency.Answer answer =
        transactions.run(
            tx ->
                idempotency.once(
                    tx,
                    caller,
                    route,
                    key,
                    request,
                    () -> new Idempotency.Answer(201, effect.apply(tx))));
    outbox.poke();
    return Response.status(answer.status()).entity(answer.body()).build();
  }
}
