package io.naap.router.usage;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.money.NanoUsd;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A usage event as JSON, written by hand because it is made for every job; a test holds it to what
 * {@code Json.read} makes of it.
 */
final class EventJson {
  private EventJson() {}

  static String write(UsageRecorded event) {
    StringBuilder json = new StringBuilder(768);
    json.append('{');
    text(json, "event_id", event.eventId());
    text(json, "request_id", event.requestId());
    number(json, "sequence", event.sequence());
    text(json, "instance", event.instance());
    number(json, "spool_position", event.spoolPosition());
    time(json, "opened_at", event.openedAt());
    time(json, "occurred_at", event.occurredAt());
    text(json, "tenant_id", event.tenantId());
    text(json, "key_id", event.keyId());
    name(json, "tags");
    list(json, event.tags());
    text(json, "capability", event.capability());
    text(json, "model", event.model());
    text(json, "tier", event.tier());
    text(json, "pool", event.pool());
    text(json, "gateway", event.gateway());
    number(json, "status", event.status());
    text(json, "outcome", event.outcome());
    name(json, "units");
    json.append('{');
    boolean first = true;
    for (Map.Entry<Unit, Long> unit : event.units().amounts().entrySet()) {
      if (!first) {
        json.append(',');
      }
      first = false;
      json.append('"').append(unit.getKey().wireName()).append("\":").append(unit.getValue());
    }
    json.append('}');
    text(json, "plan", event.plan());
    if (event.fundingId().isPresent()) {
      text(json, "funding_id", event.fundingId().get());
    } else {
      name(json, "funding_id");
      json.append("null");
    }
    name(json, "estimated_cost");
    json.append("{\"amount\":\"");
    dollars(json, event.estimatedCost());
    json.append("\",\"currency\":\"USD\"}");
    number(json, "latency_millis", event.latencyMillis());
    return json.append('}').toString();
  }

  private static void name(StringBuilder json, String name) {
    if (json.length() > 1) {
      json.append(',');
    }
    json.append('"').append(name).append("\":");
  }

  private static void number(StringBuilder json, String name, long value) {
    name(json, name);
    json.append(value);
  }

  private static void time(StringBuilder json, String name, Instant value) {
    name(json, name);
    json.append('"').append(value).append('"');
  }

  private static void text(StringBuilder json, String name, String value) {
    name(json, name);
    quoted(json, value);
  }

  private static void list(StringBuilder json, List<String> values) {
    json.append('[');
    for (int at = 0; at < values.size(); at++) {
      if (at > 0) {
        json.append(',');
      }
      quoted(json, values.get(at));
    }
    json.append(']');
  }

  private static void quoted(StringBuilder json, String value) {
    json.append('"');
    for (int at = 0; at < value.length(); at++) {
      char c = value.charAt(at);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < 0x20) {
            json.append("\\u00")
                .append(Character.forDigit(c >> 4, 16))
                .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }

  /** As {@link NanoUsd#toString} writes it: at least two decimals, no needless zeros after them. */
  private static void dollars(StringBuilder json, NanoUsd amount) {
    long nanos = amount.nanos();
    if (nanos < 0) {
      json.append(amount);
      return;
    }
    json.append(nanos / 1_000_000_000).append('.');
    int fraction = (int) (nanos % 1_000_000_000);
    int digits = 9;
    while (digits > 2 && fraction % 10 == 0) {
      fraction /= 10;
      digits--;
    }
    String text = Integer.toString(fraction);
    json.append("0".repeat(digits - text.length())).append(text);
  }
}
