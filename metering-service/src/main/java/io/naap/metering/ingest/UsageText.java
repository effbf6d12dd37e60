package io.naap.metering.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.naap.contracts.events.JobOutcome;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fast parser for the usage entries that routers write: one pass, several times as fast as {@link
 * UsageReader}. An entry that differs in any way from what routers write is not parsed here; {@link
 * UsageReader} then reads it event by event and decides.
 */
final class UsageText {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int EVERY_FIELD = (1 << 22) - 1;
  private static final Map<String, Unit> UNITS = units();

  private final JsonParser parser;
  private int seen;
  private String eventId;
  private String requestId;
  private int sequence;
  private String instance;
  private long spoolPosition;
  private Instant openedAt;
  private Instant occurredAt;
  private String tenantId;
  private String keyId;
  private List<String> tags;
  private String capability;
  private String model;
  private String tier;
  private String pool;
  private String gateway;
  private int status;
  private JobOutcome outcome;
  private Units units;
  private String plan;
  private Optional<String> fundingId;
  private NanoUsd estimatedCost;
  private long latencyMillis;

  private UsageText(JsonParser parser) {
    this.parser = parser;
  }

  private static Map<String, Unit> units() {
    Map<String, Unit> units = new java.util.HashMap<>();
    for (Unit unit : Unit.values()) {
      units.put(unit.wireName(), unit);
    }
    return Map.copyOf(units);
  }

  /**
   * Thrown when a text is not as routers write it. Has no stack trace, as it is only caught here.
   */
  private static final class Unusual extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unusual() {
      super("", null, false, false);
    }
  }

  /** Parses the events of an entry; absent when the entry or any of its events is unusual. */
  static Optional<List<UsageRecorded>> read(String payload) {
    List<UsageRecorded> events = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(payload)) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_OBJECT) {
        events.add(new UsageText(parser).event());
      } else if (first == JsonToken.START_ARRAY) {
        JsonToken token = parser.nextToken();
        while (token == JsonToken.START_OBJECT) {
          events.add(new UsageText(parser).event());
          token = parser.nextToken();
        }
        if (token != JsonToken.END_ARRAY) {
          return Optional.empty();
        }
      } else {
        return Optional.empty();
      }
      return parser.nextToken() == null ? Optional.of(events) : Optional.empty();
    } catch (IOException
        | IllegalArgumentException
        | ArithmeticException
        | DateTimeException
        | Unusual other) {
      return Optional.empty();
    }
  }

  private UsageRecorded event() throws IOException {
    for (JsonToken token = parser.nextToken();
        token == JsonToken.FIELD_NAME;
        token = parser.nextToken()) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      field(name, value);
    }
    if (parser.currentToken() != JsonToken.END_OBJECT || seen != EVERY_FIELD) {
      throw new Unusual();
    }
    UsageRecorded event =
        new UsageRecorded(
            new UsageRecorded.Source(
                eventId, requestId, sequence, instance, spoolPosition, openedAt, occurredAt),
            new UsageRecorded.Who(tenantId, keyId, tags),
            new UsageRecorded.What(capability, model, tier, pool, gateway),
            new UsageRecorded.End(
                status, outcome, units, plan, fundingId, estimatedCost, latencyMillis));
    if (!UsageReader.isSound(event)) {
      throw new Unusual();
    }
    return event;
  }

  private void field(String name, JsonToken value) throws IOException {
    switch (name) {
      case "event_id" -> eventId = text(0, value);
      case "request_id" -> requestId = text(1, value);
      case "sequence" -> sequence = Math.toIntExact(whole(2, value));
      case "instance" -> instance = text(3, value);
      case "spool_position" -> spoolPosition = whole(4, value);
      case "opened_at" -> openedAt = Instant.parse(text(5, value));
      case "occurred_at" -> occurredAt = Instant.parse(text(6, value));
      case "tenant_id" -> tenantId = text(7, value);
      case "key_id" -> keyId = text(8, value);
      case "tags" -> tags = texts(9, value);
      case "capability" -> capability = text(10, value);
      case "model" -> model = text(11, value);
      case "tier" -> tier = text(12, value);
      case "pool" -> pool = text(13, value);
      case "gateway" -> gateway = text(14, value);
      case "status" -> status = Math.toIntExact(whole(15, value));
      case "outcome" -> outcome = JobOutcome.of(text(16, value));
      case "units" -> units = amounts(17, value);
      case "plan" -> plan = text(18, value);
      case "funding_id" -> {
        boolean none = value == JsonToken.VALUE_NULL;
        fundingId = none ? Optional.empty() : Optional.of(text(19, value));
        seen |= 1 << 19;
      }
      case "estimated_cost" -> estimatedCost = money(20, value);
      case "latency_millis" -> latencyMillis = whole(21, value);
      default -> throw new Unusual();
    }
  }

  /** Marks a field as seen; fails when it was seen before. */
  private void mark(int field) {
    if ((seen & 1 << field) != 0) {
      throw new Unusual();
    }
    seen |= 1 << field;
  }

  private String text(int field, JsonToken value) throws IOException {
    mark(field);
    return text(value);
  }

  private String text(JsonToken value) throws IOException {
    if (value != JsonToken.VALUE_STRING) {
      throw new Unusual();
    }
    return parser.getText();
  }

  private long whole(int field, JsonToken value) throws IOException {
    mark(field);
    return whole(value);
  }

  private long whole(JsonToken value) throws IOException {
    if (value != JsonToken.VALUE_NUMBER_INT) {
      throw new Unusual();
    }
    return parser.getLongValue();
  }

  private List<String> texts(int field, JsonToken value) throws IOException {
    mark(field);
    if (value != JsonToken.START_ARRAY) {
      throw new Unusual();
    }
    List<String> texts = new ArrayList<>(2);
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      texts.add(text(token));
    }
    return texts;
  }

  private Units amounts(int field, JsonToken value) throws IOException {
    mark(field);
    if (value != JsonToken.START_OBJECT) {
      throw new Unusual();
    }
    Map<Unit, Long> amounts = new EnumMap<>(Unit.class);
    for (JsonToken token = parser.nextToken();
        token == JsonToken.FIELD_NAME;
        token = parser.nextToken()) {
      Unit unit = UNITS.get(parser.currentName());
      if (unit == null || amounts.put(unit, whole(parser.nextToken())) != null) {
        throw new Unusual();
      }
    }
    return Units.of(amounts);
  }

  private NanoUsd money(int field, JsonToken value) throws IOException {
    mark(field);
    if (value != JsonToken.START_OBJECT) {
      throw new Unusual();
    }
    String amount = null;
    String currency = null;
    for (JsonToken token = parser.nextToken();
        token == JsonToken.FIELD_NAME;
        token = parser.nextToken()) {
      String name = parser.currentName();
      String content = text(parser.nextToken());
      if (amount == null && "amount".equals(name)) {
        amount = content;
      } else if (currency == null && "currency".equals(name)) {
        currency = content;
      } else {
        throw new Unusual();
      }
    }
    if (amount == null || !NanoUsd.CURRENCY.equals(currency)) {
      throw new Unusual();
    }
    return NanoUsd.parse(amount);
  }
}
