package io.naap.router.usage;

import io.naap.contracts.events.RequestLogged;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.money.NanoUsd;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes events as JSON into a byte array that is used again. Jackson takes several microseconds
 * more for each event, and one is made for every job. A test proves that both write the same. Not
 * for several threads at once.
 */
final class EventJson {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** Years 0 to 9999, which have four digits. */
  private static final long FIRST_SECOND = -62_167_219_200L;

  private static final long LAST_SECOND = 253_402_300_799L;

  private byte[] bytes = new byte[2_048];
  private int length;

  /** The second that was written last, and its text: many jobs end in one second. */
  private long second = Long.MIN_VALUE;

  private byte[] secondText = new byte[0];

  /** The event that was written last, up to {@link #length}. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  EventJson write(UsageRecorded event) {
    length = 0;
    put('{');
    text("event_id", event.eventId());
    text("request_id", event.requestId());
    number("sequence", event.sequence());
    text("instance", event.instance());
    number("spool_position", event.spoolPosition());
    time("opened_at", event.openedAt());
    time("occurred_at", event.occurredAt());
    text("tenant_id", event.tenantId());
    text("key_id", event.keyId());
    list("tags", event.tags());
    text("capability", event.capability());
    text("model", event.model());
    text("tier", event.tier());
    text("pool", event.pool());
    text("gateway", event.gateway());
    number("status", event.status());
    text("outcome", event.outcome().word());
    units(event.units());
    text("plan", event.plan());
    text("funding_id", event.fundingId());
    dollars("estimated_cost", event.estimatedCost());
    number("latency_millis", event.latencyMillis());
    put('}');
    return this;
  }

  EventJson write(RequestLogged line) {
    length = 0;
    put('{');
    text("request_id", line.request().requestId());
    time("at", line.request().at());
    text("tenant_id", line.request().tenantId());
    text("key_id", line.request().keyId());
    text("capability", line.request().capability());
    text("model", line.request().model());
    number("status", line.answer().status());
    text("refusal", line.answer().refusal());
    text("pool", line.answer().pool());
    text("gateway", line.answer().gateway());
    units(line.units());
    dollars("cost", line.cost());
    number("latency_millis", line.latencyMillis());
    number("upstream_millis", line.upstreamMillis());
    put('}');
    return this;
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  private void put(char c) {
    room(1);
    bytes[length++] = (byte) c;
  }

  @SuppressWarnings("deprecation") // The one way to copy ASCII without a new array.
  private void ascii(String text) {
    int size = text.length();
    room(size);
    text.getBytes(0, size, bytes, length);
    length += size;
  }

  private void name(String name) {
    if (length > 1) {
      put(',');
    }
    put('"');
    ascii(name);
    put('"');
    put(':');
  }

  private void number(String name, long value) {
    name(name);
    number(value);
  }

  private void number(long value) {
    if (value == Long.MIN_VALUE) {
      ascii(Long.toString(value));
      return;
    }
    room(20);
    long left = value;
    if (left < 0) {
      bytes[length++] = '-';
      left = -left;
    }
    int digits = 1;
    for (long ten = left; ten >= 10; ten /= 10) {
      digits++;
    }
    digits(left, digits);
  }

  /** Exactly so many digits, with zeros before them. */
  private void digits(long value, int digits) {
    room(digits);
    long left = value;
    for (int at = length + digits - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + left % 10);
      left /= 10;
    }
    length += digits;
  }

  private void time(String name, Instant value) {
    name(name);
    put('"');
    long seconds = value.getEpochSecond();
    int nanos = value.getNano();
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
      ascii(value.toString());
    } else {
      if (seconds != second) {
        String text = Instant.ofEpochSecond(seconds).toString();
        secondText = text.substring(0, text.length() - 1).getBytes(StandardCharsets.US_ASCII);
        second = seconds;
      }
      room(secondText.length);
      System.arraycopy(secondText, 0, bytes, length, secondText.length);
      length += secondText.length;
      if (nanos != 0) {
        put('.');
        if (nanos % 1_000_000 == 0) {
          digits(nanos / 1_000_000, 3);
        } else if (nanos % 1_000 == 0) {
          digits(nanos / 1_000, 6);
        } else {
          digits(nanos, 9);
        }
      }
      put('Z');
    }
    put('"');
  }

  private void text(String name, String value) {
    name(name);
    quoted(value);
  }

  private void text(String name, Optional<String> value) {
    name(name);
    if (value.isPresent()) {
      quoted(value.get());
    } else {
      ascii("null");
    }
  }

  private void list(String name, List<String> values) {
    name(name);
    put('[');
    for (int at = 0; at < values.size(); at++) {
      if (at > 0) {
        put(',');
      }
      quoted(values.get(at));
    }
    put(']');
  }

  private void units(Units units) {
    name("units");
    put('{');
    boolean first = true;
    for (Unit unit : Unit.ALL) {
      if (units.get(unit) == 0) {
        continue;
      }
      if (!first) {
        put(',');
      }
      first = false;
      put('"');
      ascii(unit.wireName());
      put('"');
      put(':');
      number(units.get(unit));
    }
    put('}');
  }

  private void quoted(String value) {
    put('"');
    int size = value.length();
    room(size);
    for (int at = 0; at < size; at++) {
      char c = value.charAt(at);
      if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
        put(c);
      } else if (c < 0x80) {
        escaped(c);
      } else {
        // The rest may have surrogate pairs and goes through a new array. Half a pair becomes "?".
        byte[] rest = value.substring(at).getBytes(StandardCharsets.UTF_8);
        room(rest.length);
        for (byte one : rest) {
          if (one >= 0 && (one < 0x20 || one == '"' || one == '\\')) {
            escaped((char) one);
          } else {
            room(1);
            bytes[length++] = one;
          }
        }
        break;
      }
    }
    put('"');
  }

  private void escaped(char c) {
    switch (c) {
      case '"' -> ascii("\\\"");
      case '\\' -> ascii("\\\\");
      case '\n' -> ascii("\\n");
      case '\r' -> ascii("\\r");
      case '\t' -> ascii("\\t");
      default -> {
        if (c < 0x20) {
          ascii("\\u00");
          put((char) HEX[c >> 4]);
          put((char) HEX[c & 15]);
        } else {
          put(c);
        }
      }
    }
  }

  /** As {@link NanoUsd#toString} writes it: at least two decimals, no needless zeros after them. */
  private void dollars(String name, NanoUsd amount) {
    name(name);
    ascii("{\"amount\":\"");
    long nanos = amount.nanos();
    if (nanos < 0) {
      ascii(amount.toString());
    } else {
      number(nanos / 1_000_000_000);
      put('.');
      long fraction = nanos % 1_000_000_000;
      int digits = 9;
      while (digits > 2 && fraction % 10 == 0) {
        fraction /= 10;
        digits--;
      }
      digits(fraction, digits);
    }
    ascii("\",\"currency\":\"USD\"}");
  }
}
