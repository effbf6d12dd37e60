package io.naap.clearinghouse.neighbour;

import java.io.IOException;

/** Guards the calls to one neighbour. */
public interface CallGuard {
  /** A call that blocks and may be repeated. */
  @FunctionalInterface
  interface Call<T> {
    T call() throws IOException, InterruptedException;
  }

  /**
   * Calls.
   *
   * @throws IOException when the call failed, took too long or was not tried
   */
  <T> T call(Class<T> type, Call<T> call) throws IOException, InterruptedException;
}
