package io.naap.clearinghouse.signer.stock;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.signer.protocol.Fraction;
import io.naap.clearinghouse.signer.protocol.JobType;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * The session state in a stock signer's question.
 *
 * @param orchestrator its address in lower case
 * @param type absent when go-livepeer has no such job type
 * @param price the session's first price, in wei a unit
 */
record StockQuestion(
    String stateId, String orchestrator, Optional<JobType> type, long sequence, Fraction price) {
  private static final int MAX_TEXT = 256;

  /** Absent when the state is incomplete or out of bounds. */
  static Optional<StockQuestion> read(JsonNode state) {
    String stateId = state.path("StateID").asText();
    String orchestrator = state.path("OrchestratorAddress").asText().toLowerCase(Locale.ROOT);
    long sequence = state.path("SequenceNumber").asLong(-1);
    long pricePerUnit = state.path("InitialPricePerUnit").asLong();
    long pixelsPerUnit = state.path("InitialPixelsPerUnit").asLong();
    boolean sensible =
        !stateId.isEmpty()
            && stateId.length() <= MAX_TEXT
            && stateId.indexOf('\0') < 0
            && orchestrator.matches("0x[0-9a-f]{40}")
            && sequence >= 0
            && pricePerUnit > 0
            && pixelsPerUnit > 0;
    return sensible
        ? Optional.of(
            new StockQuestion(
                stateId,
                orchestrator,
                JobType.of(state.path("Type").asText()),
                sequence,
                Fraction.of(pricePerUnit, pixelsPerUnit)))
        : Optional.empty();
  }

  boolean isLive() {
    return type.filter(JobType::isLive).isPresent();
  }

  /**
   * The fee of a live job in wei, rounded up.
   *
   * @param elapsed since the session's last question; a first question pays a fixed time ahead
   */
  BigInteger fee(Duration elapsed) {
    Fraction units =
        type.orElseThrow() == JobType.LV2V
            ? JobType.LV2V.units(elapsed)
            : Fraction.of(JobType.LIVE.units(elapsed).ceiling());
    return units.times(price).ceiling();
  }
}
