package io.naap.store;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Blocks a virtual thread until Postgres has answered, up to a timeout. */
record Waiting(Duration patience) {
  <T> T on(Future<T> step) {
    try {
      return step.toCompletionStage()
          .toCompletableFuture()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
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
}
