package io.naap.router.neighbour;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.function.Supplier;

/** Guards the calls to one neighbour. */
public interface NeighbourGuard {
  /**
   * Calls the neighbour, again when that failed.
   *
   * @param call may be made more than once
   * @param context on which the answer completes
   */
  <T> Future<T> call(Supplier<Uni<T>> call, Context context);
}
