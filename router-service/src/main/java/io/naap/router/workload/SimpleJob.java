package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Units;
import java.util.Map;
import java.util.function.BiFunction;

/** A job given by its parts. */
record SimpleJob(
    Units estimate,
    String uri,
    Map<String, String> headers,
    Body body,
    Answer answer,
    BiFunction<JsonNode, Delivered, Units> measure)
    implements Job {
  @Override
  public Units measured(JsonNode whole, Delivered delivered) {
    return measure.apply(whole, delivered);
  }
}
