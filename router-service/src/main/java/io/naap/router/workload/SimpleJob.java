package io.naap.router.workload;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** A job given by its parts. */
record SimpleJob(
    Units estimate,
    Optional<Units> expected,
    Optional<Unit> open,
    String uri,
    Map<String, String> headers,
    Body body,
    Answer answer,
    BiFunction<JsonNode, Delivered, Units> measure)
    implements Job {
  /** A job of which one unit is left open, or none. */
  SimpleJob(
      Units estimate,
      Optional<Unit> open,
      String uri,
      Map<String, String> headers,
      Body body,
      Answer answer,
      BiFunction<JsonNode, Delivered, Units> measure) {
    this(estimate, Optional.empty(), open, uri, headers, body, answer, measure);
  }

  /** A job whose request says all. */
  SimpleJob(
      Units estimate,
      String uri,
      Map<String, String> headers,
      Body body,
      Answer answer,
      BiFunction<JsonNode, Delivered, Units> measure) {
    this(estimate, Optional.empty(), Optional.empty(), uri, headers, body, answer, measure);
  }

  @Override
  public Units measured(JsonNode whole, Delivered delivered) {
    return measure.apply(whole, delivered);
  }
}
