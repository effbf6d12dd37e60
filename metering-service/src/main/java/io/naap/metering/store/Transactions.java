package io.naap.metering.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Runs work in one READ COMMITTED transaction: committed when it returns, rolled back when it
 * throws. Callers are on virtual threads, so waiting costs nothing. The client's own futures and
 * not Mutiny's: a context carried across each statement would cost more than the statement.
 */
@ApplicationScoped
public class Transactions {
  private static final long PATIENCE_SECONDS = 30;

  private final Pool pool;

  Transactions(Pool pool) {
    this.pool = pool;
  }

  /**
   * Runs it. The beginning travels with the work's first statement and the commit follows its last
   * one, so that a transaction of two steps costs three answers of the store and not five.
   */
  public <T> T run(Function<Tx, T> work) {
    SqlConnection connection = await(sent(pool.getConnection()));
    try {
      CompletableFuture<Transaction> begun = sent(connection.begin());
      Tx tx = new Tx(connection);
      T result;
      try {
        result = work.apply(tx);
      } catch (RuntimeException | Error failed) {
        rollBack(begun, failed);
        throw failed;
      }
      // The store refuses the commit when a statement before it has failed.
      CompletableFuture<Void> committed = sent(await(begun).commit());
      tx.settle();
      await(committed);
      return result;
    } finally {
      // Nobody has to wait until the pool has it back.
      connection.close();
    }
  }

  private static void rollBack(CompletableFuture<Transaction> begun, Throwable reason) {
    try {
      await(sent(await(begun).rollback()));
    } catch (RuntimeException alsoFailed) {
      // A broken connection rolls back on its own; the first failure is the one to report.
      reason.addSuppressed(alsoFailed);
    }
  }

  static <T> CompletableFuture<T> sent(Future<T> step) {
    return step.toCompletionStage().toCompletableFuture();
  }

  static <T> T await(CompletableFuture<T> step) {
    try {
      return step.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new StoreAwayException("the store failed", failed.getCause());
    } catch (TimeoutException late) {
      throw new StoreAwayException("the store is late", late);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new StoreAwayException("stopped while the store works", stopped);
    }
  }

  /** The store did not answer; what was asked of it may or may not have happened. */
  public static final class StoreAwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreAwayException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
