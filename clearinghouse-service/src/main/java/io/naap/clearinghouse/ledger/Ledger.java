package io.naap.clearinghouse.ledger;

import io.naap.contracts.ids.Ids;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The only way to move money: lock the accounts, check the bounds and record the journal, in one
 * transaction.
 *
 * <p>The SQL is written out because correctness depends on the order of the row locks, and speed on
 * batching.
 */
@ApplicationScoped
public class Ledger {
  private static final int MOST_REMEMBERED = 100_000;

  private final Transactions transactions;
  private final Ids ids;
  private final Set<AccountRef> opened = ConcurrentHashMap.newKeySet();
  private final Semaphore booked = new Semaphore(0);

  Ledger(Transactions transactions, Ids ids) {
    this.transactions = transactions;
    this.ids = ids;
  }

  /**
   * Runs work in a ledger transaction: its journals and its own SQL commit together, or not at all.
   */
  public <T> T transact(Function<LedgerTransaction, T> work) {
    Set<AccountRef> seen = new HashSet<>();
    T done =
        transactions.run(
            tx -> {
              LedgerTransaction transaction = new LedgerTransaction(tx, ids, opened);
              T result = work.apply(transaction);
              transaction.send();
              seen.addAll(transaction.accounts());
              return result;
            });
    if (opened.size() > MOST_REMEMBERED) {
      opened.clear();
    }
    opened.addAll(seen);
    booked.release();
    return done;
  }

  /** Waits until this process commits a ledger transaction, at most for the given time. */
  void awaitBooking(Duration patience) throws InterruptedException {
    if (booked.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      booked.drainPermits();
    }
  }

  /** Runs work in a transaction without ledger access. */
  public <T> T read(Function<Tx, T> work) {
    return transactions.run(work);
  }
}
