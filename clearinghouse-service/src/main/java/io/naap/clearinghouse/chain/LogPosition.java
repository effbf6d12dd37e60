package io.naap.clearinghouse.chain;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Comparator;

/** Where an event is on the chain. */
public record LogPosition(String transaction, int logIndex, long block, String blockHash) {
  public static final Comparator<LogPosition> ORDER =
      Comparator.comparing(LogPosition::block).thenComparing(LogPosition::logIndex);

  /**
   * Reads the position of a log.
   *
   * @throws IOException when the node answered no number where one must be
   */
  public static LogPosition read(JsonNode log) throws IOException {
    return new LogPosition(
        log.path("transactionHash").asText(),
        JsonRpc.number(log.path("logIndex")).intValueExact(),
        JsonRpc.number(log.path("blockNumber")).longValueExact(),
        log.path("blockHash").asText());
  }

  /** Names the event for ever. */
  public String key() {
    return transaction + ":" + logIndex;
  }

  public boolean isWithin(BigInteger from, BigInteger to) {
    return block >= from.longValueExact() && block <= to.longValueExact();
  }
}
