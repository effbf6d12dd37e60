package io.naap.clearinghouse.signer.protocol;

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

/**
 * The state of a session, signed by the signer and sent back by the caller with the next payment;
 * go-livepeer's JSON.
 *
 * @param sequenceNumber of the payment that led to this state, from zero
 * @param senderNonce the last nonce used
 * @param balance credit at the orchestrator that the tickets paid ahead, in wei
 */
public record PaymentState(
    String stateId,
    long sequenceNumber,
    Instant lastUpdate,
    long senderNonce,
    Fraction balance,
    Session session,
    Authorization authorization) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** RFC 3339 with as many decimals as there are. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendLiteral('Z')
          .toFormatter()
          .withZone(ZoneOffset.UTC);

  /**
   * What the payments of a session have in common.
   *
   * @param pmSessionId the recipient's hash of its secret, {@code 0x} hexadecimal
   * @param initialPricePerUnit in wei, for so many pixels
   */
  public record Session(
      String pmSessionId,
      String orchestratorAddress,
      String app,
      String type,
      long initialPricePerUnit,
      long initialPixelsPerUnit) {}

  /** Used by a signer that asks a webhook; this signer leaves both fields empty. */
  public record Authorization(long expiry, String id) {
    public static final Authorization NONE = new Authorization(0, "");
  }

  /** The same state with the last nonce it has used. */
  public PaymentState withNonce(long last) {
    return new PaymentState(
        stateId, sequenceNumber, lastUpdate, last, balance, session, authorization);
  }

  public byte[] write() {
    return text().getBytes(StandardCharsets.UTF_8);
  }

  public String text() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("StateID", stateId)
        .put("PMSessionID", session.pmSessionId())
        .put("LastUpdate", TIME.format(lastUpdate))
        .put("OrchestratorAddress", session.orchestratorAddress())
        .put("App", session.app())
        .put("AuthExpiry", authorization.expiry())
        .put("SenderNonce", senderNonce)
        .put("Balance", balance.toString())
        .put("InitialPricePerUnit", session.initialPricePerUnit())
        .put("InitialPixelsPerUnit", session.initialPixelsPerUnit())
        .put("Type", session.type())
        .put("SequenceNumber", sequenceNumber)
        .put("AuthID", authorization.id());
    return json.toString();
  }

  /** Reads what {@link #write} wrote; the caller has checked its signature. */
  public static Optional<PaymentState> read(byte[] state) {
    try {
      JsonNode json = tree(new String(state, StandardCharsets.UTF_8));
      return json == null || !json.isObject() ? Optional.empty() : Optional.of(read(json));
    } catch (JsonProcessingException | DateTimeException notAState) {
      return Optional.empty();
    }
  }

  private static JsonNode tree(String state) throws JsonProcessingException {
    return JSON.readTree(state);
  }

  private static PaymentState read(JsonNode json) {
    return new PaymentState(
        json.path("StateID").asText(),
        json.path("SequenceNumber").asLong(),
        Instant.parse(json.path("LastUpdate").asText()),
        json.path("SenderNonce").asLong(),
        Fraction.parseOrZero(json.path("Balance").asText()),
        new Session(
            json.path("PMSessionID").asText(),
            json.path("OrchestratorAddress").asText(),
            json.path("App").asText(),
            json.path("Type").asText(),
            json.path("InitialPricePerUnit").asLong(),
            json.path("InitialPixelsPerUnit").asLong()),
        new Authorization(json.path("AuthExpiry").asLong(), json.path("AuthID").asText()));
  }
}
