package io.naap.deploy.bench.abuse;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One thing that is done to the platform.
 *
 * @param id for {@code --only}
 * @param name of its figures
 */
record Attack(String id, String name, Begin begin) {
  /** Begins it. */
  interface Begin {
    /**
     * Begins it.
     *
     * @param stop is set when it must end
     * @return what runs until then
     */
    List<Thread> begin(AtomicBoolean stop) throws Exception;
  }
}
