package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Units;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** Estimates and measures the job of one form. */
@FunctionalInterface
interface FormMeter {
  /**
   * What the job came to.
   *
   * @param answer the gateway's, or null while there is none
   */
  Units of(JsonNode answer);

  /**
   * The most the job may come to.
   *
   * @param fileBytes the size of its file
   */
  default Units most(long fileBytes) {
    return of(null);
  }

  /** What the job will come to, when its beginning tells less than the most; else absent. */
  default Optional<Units> expected(long fileBytes) {
    return Optional.empty();
  }

  /** Takes bytes of the body that pass to the gateway after its beginning. */
  default void pass(Buffer bytes) {}
}
