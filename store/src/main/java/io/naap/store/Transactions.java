package io.naap.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Function;

/**
 * Runs work in one READ COMMITTED transaction: committed when it returns, rolled back when it
 * throws. Callers are on virtual threads, so waiting costs nothing. The client's own futures and
 * not Mutiny's: a context carried across each statement would cost more than the statement.
 */
@ApplicationScoped
public class Transactions {
  private final Pool pool;
  private final Waiting waiting;

  Transactions(Pool pool, StoreConfig config) {
    this.pool = pool;
    this.waiting = new Waiting(config.patience());
  }

  /**
   * Runs the work. BEGIN is sent with the first statement and COMMIT right after the last one, so
   * that a transaction of two statements takes three round trips to Postgres and not five.
   */
  public <T> T run(Function<Tx, T> work) {
    SqlConnection connection = waiting.on(pool.getConnection());
    try {
      Future<Transaction> begun = connection.begin();
      Tx tx = new Tx(connection, waiting);
      T result;
      try {
        result = work.apply(tx);
      } catch (RuntimeException | Error failed) {
        rollBack(begun, failed);
        throw failed;
      }
      // Postgres refuses the commit when a statement before it has failed.
      Future<Void> committed = waiting.on(begun).commit();
      tx.settle();
      waiting.on(committed);
      return result;
    } finally {
      // The caller does not wait until the connection is back in the pool.
      connection.close();
    }
  }

  private void rollBack(Future<Transaction> begun, Throwable reason) {
    try {
      waiting.on(waiting.on(begun).rollback());
    } catch (RuntimeException alsoFailed) {
      // A broken connection rolls back on its own; the first failure is the one to report.
      reason.addSuppressed(alsoFailed);
    }
  }
}
