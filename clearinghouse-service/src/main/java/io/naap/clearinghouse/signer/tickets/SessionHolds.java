package io.naap.clearinghouse.signer.tickets;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.Postings;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Gives tenants back the money that their idle payment sessions hold. */
@ApplicationScoped
public class SessionHolds {
  private static final Logger LOG = Logger.getLogger(SessionHolds.class);
  private static final int BATCH = 100;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Ledger ledger;
  private final SignerConfig config;
  private final Ids ids;
  private final Clock clock;
  private final Workers workers;
  private Worker worker;

  SessionHolds(Workers workers, Ledger ledger, SignerConfig config, Ids ids, Clock clock) {
    this.workers = workers;
    this.ledger = ledger;
    this.config = config;
    this.ids = ids;
    this.clock = clock;
  }

  void start(@Observes StartupEvent started) {
    worker = workers.start("holds", PAUSE, this::round);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  private void round() {
    while (release(clock.instant().minus(config.holdIdle())) == BATCH) {
      LOG.debug("more idle sessions hold money");
    }
  }

  /**
   * Releases the holds of up to a hundred sessions whose last payment is older; returns their
   * number.
   */
  public int release(Instant idleSince) {
    List<Row> idle =
        ledger.read(
            tx ->
                tx.query(
                    """
                    select s.state_id, s.tenant_id from account a
                    join (
                      select state_id, tenant_id, updated_at from signer_session
                        where tenant_id is not null
                      union all
                      select state_id, tenant_id, last_update from stock_session
                    ) s on s.state_id = a.owner
                    where a.kind = 'held' and a.balance > 0 and s.updated_at < $1
                    order by s.state_id limit 100""",
                    idleSince.atOffset(ZoneOffset.UTC)));
    for (Row row : idle) {
      ledger.transact(
          books -> release(books, row.getString("state_id"), row.getString("tenant_id")));
    }
    return idle.size();
  }

  private boolean release(LedgerTransaction books, String session, String tenant) {
    AccountRef credit = AccountRef.credit(tenant);
    AccountRef held = AccountRef.held(session);
    books.lock(List.of(credit));
    books.lock(List.of(held));
    NanoUsd left = books.dollars(held);
    if (!left.isPositive()) {
      return false;
    }
    books.book(
        new Journal(
            "hold_released:" + ids.next(IdKind.EVENT),
            "hold_released",
            Optional.of(tenant),
            clock.instant(),
            "held for a session that is idle",
            new Postings().add(held, left.negated()).add(credit, left).list()));
    return true;
  }
}
