package io.naap.metering.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.Function;

/**
 * Runs work in one READ COMMITTED transaction: committed when it returns, rolled back when it
 * throws. Callers are on virtual threads, so waiting costs nothing.
 */
@ApplicationScoped
public class Transactions {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Pool pool;

  Transactions(Pool pool) {
    this.pool = pool;
  }

  public <T> T run(Function<Tx, T> work) {
    SqlConnection connection = await(pool.getConnection());
    try {
      Transaction transaction = await(connection.begin());
      T result;
      try {
        result = work.apply(new Tx(connection));
      } catch (RuntimeException | Error failed) {
        rollBack(transaction, failed);
        throw failed;
      }
      await(transaction.commit());
      return result;
    } finally {
      await(connection.close());
    }
  }

  private static void rollBack(Transaction transaction, Throwable reason) {
    try {
      await(transaction.rollback());
    } catch (RuntimeException alsoFailed) {
      // A broken connection rolls back on its own; the first failure is the one to report.
      reason.addSuppressed(alsoFailed);
    }
  }

  static <T> T await(Uni<T> step) {
    return step.await().atMost(PATIENCE);
  }
}
