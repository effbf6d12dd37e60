package io.naap.clearinghouse.neighbour;

import java.io.IOException;

/** Calls a neighbour once, for tests of what a failed call leads to. */
public final class Unguarded implements CallGuard {
  @Override
  public <T> T call(Class<T> type, Call<T> call) throws IOException, InterruptedException {
    return call.call();
  }
}
