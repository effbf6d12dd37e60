package io.naap.clearinghouse.signer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Optional;

/** What a session carries from payment to payment, in go-livepeer's own format. */
record PaymentState(
    String stateId,
    String pmSessionId,
    Instant lastUpdate,
    String orchestratorAddress,
    String app,
    long authExpiry,
    long senderNonce,
    Fraction balance,
    long initialPricePerUnit,
    long initialPixelsPerUnit,
    String type,
    long sequenceNumber,
    String authId) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** RFC 3339 with as many decimals as there are. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendLiteral('Z')
          .toFormatter()
          .withZone(ZoneOffset.UTC);

  /** The same, with the last nonce it has used. */
  PaymentState withNonce(long last) {
    return new PaymentState(
        stateId,
        pmSessionId,
        lastUpdate,
        orchestratorAddress,
        app,
        authExpiry,
        last,
        balance,
        initialPricePerUnit,
        initialPixelsPerUnit,
        type,
        sequenceNumber,
        authId);
  }

  byte[] write() {
    return text().getBytes(StandardCharsets.UTF_8);
  }

  String text() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("StateID", stateId)
        .put("PMSessionID", pmSessionId)
        .put("LastUpdate", TIME.format(lastUpdate))
        .put("OrchestratorAddress", orchestratorAddress)
        .put("App", app)
        .put("AuthExpiry", authExpiry)
        .put("SenderNonce", senderNonce)
        .put("Balance", balance.toString())
        .put("InitialPricePerUnit", initialPricePerUnit)
        .put("InitialPixelsPerUnit", initialPixelsPerUnit)
        .put("Type", type)
        .put("SequenceNumber", sequenceNumber)
        .put("AuthID", authId);
    return json.toString();
  }

  private static JsonNode tree(String state) throws JsonProcessingException {
    return JSON.readTree(state);
  }

  /** Reads what {@link #write} wrote; only after its signature was checked. */
  static Optional<PaymentState> read(byte[] state) {
    return read(new String(state, StandardCharsets.UTF_8));
  }

  /** As {@link #read(byte[])}. */
  static Optional<PaymentState> read(String state) {
    try {
      JsonNode json = tree(state);
      if (json == null || !json.isObject()) {
        return Optional.empty();
      }
      return Optional.of(
          new PaymentState(
              json.path("StateID").asText(),
              json.path("PMSessionID").asText(),
              Instant.parse(json.path("LastUpdate").asText()),
              json.path("OrchestratorAddress").asText(),
              json.path("App").asText(),
              json.path("AuthExpiry").asLong(),
              json.path("SenderNonce").asLong(),
              Fraction.parseOrZero(json.path("Balance").asText()),
              json.path("InitialPricePerUnit").asLong(),
              json.path("InitialPixelsPerUnit").asLong(),
              json.path("Type").asText(),
              json.path("SequenceNumber").asLong(),
              json.path("AuthID").asText()));
    } catch (JsonProcessingException | DateTimeException notAState) {
      return Optional.empty();
    }
  }
}
