package io.naap.clearinghouse.confirmation;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Locale;

/** An event of a go-livepeer signer (server/remote_signer.go, server/segment_rpc.go). */
sealed interface SignerEvent {
  int MAX_TEXT = 256;
  int MAX_DIGITS = 78;
  int MAX_TICKETS = 100;

  /** Tickets were signed for one payment of a session. */
  record Signed(
      String id,
      String stateId,
      long sequence,
      String manifestId,
      long tickets,
      Comparison.Signed payment,
      Instant at)
      implements SignerEvent {}

  /** A payment was made; the signer reports this before it reports the tickets. */
  record Paid(String id, String manifestId, String recipient, long tickets, Instant at)
      implements SignerEvent {}

  /** An event of another kind, which is ignored. */
  record Other() implements SignerEvent {}

  /** An event that could not be read. */
  record Unreadable(String reason) implements SignerEvent {}

  /** Reads a record of the topic; never fails, whatever it holds. */
  static SignerEvent read(String json) {
    JsonNode event = SignerEventJson.tree(json);
    if (!event.isObject()) {
      return new Unreadable("not a JSON object");
    }
    try {
      return switch (event.path("type").asText()) {
        case "create_signed_ticket" -> signed(event);
        case "create_new_payment" -> paid(event);
        default -> new Other();
      };
    } catch (IllegalArgumentException wrong) {
      return new Unreadable(wrong.getMessage());
    }
  }

  private static SignerEvent signed(JsonNode event) {
    JsonNode data = event.path("data");
    return new Signed(
        text(event, "id"),
        text(data, "session_id"),
        number(data, "sequence_number").longValueExact(),
        data.path("manifest_id").asText(),
        tickets(number(data, "num_tickets")),
        new Comparison.Signed(
            text(data, "orch_address").toLowerCase(Locale.ROOT),
            data.path("auth_id").asText(),
            number(data, "computed_fee")),
        at(event));
  }

  private static SignerEvent paid(JsonNode event) {
    JsonNode data = event.path("data");
    return new Paid(
        text(event, "id"),
        text(data, "manifestID"),
        data.path("recipient").asText().toLowerCase(Locale.ROOT),
        tickets(number(data, "numTickets")),
        at(event));
  }

  /** The envelope's time is Unix milliseconds, as text. */
  private static Instant at(JsonNode event) {
    BigInteger millis = number(event, "timestamp");
    if (millis.bitLength() > 45) {
      throw new IllegalArgumentException("timestamp is out of range");
    }
    return Instant.ofEpochMilli(millis.longValueExact());
  }

  private static long tickets(BigInteger tickets) {
    if (tickets.compareTo(BigInteger.valueOf(MAX_TICKETS)) > 0) {
      throw new IllegalArgumentException("more tickets than a payment can have");
    }
    return tickets.longValueExact();
  }

  private static String text(JsonNode of, String field) {
    String text = of.path(field).asText();
    if (text.isEmpty() || text.length() > MAX_TEXT || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(field + " is missing or too long");
    }
    return text;
  }

  /** A number or a text of digits: the signer writes either. */
  private static BigInteger number(JsonNode of, String field) {
    String digits = of.path(field).asText();
    if (digits.isEmpty() || digits.length() > MAX_DIGITS || !digits.matches("[0-9]+")) {
      throw new IllegalArgumentException(field + " is no whole number");
    }
    BigInteger number = new BigInteger(digits);
    if (!"computed_fee".equals(field) && number.bitLength() > 62) {
      throw new IllegalArgumentException(field + " is out of range");
    }
    return number;
  }
}
