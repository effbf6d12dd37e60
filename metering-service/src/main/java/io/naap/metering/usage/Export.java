package io.naap.metering.usage;

import io.naap.contracts.json.Json;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.problem.Refusal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes usage events to a stream as CSV, JSON lines or CloudEvents. */
final class Export {
  /** The format of an export. */
  enum Format {
    CSV("text/csv", "csv"),
    JSONL("application/x-ndjson", "jsonl"),
    CLOUDEVENTS("application/cloudevents-batch+json", "json");

    private final String mediaType;
    private final String extension;

    Format(String mediaType, String extension) {
      this.mediaType = mediaType;
      this.extension = extension;
    }

    static Format of(String name) {
      return switch (name == null ? "csv" : name) {
        case "csv" -> CSV;
        case "jsonl" -> JSONL;
        case "cloudevents" -> CLOUDEVENTS;
        default -> throw Refusal.invalid("format is csv, jsonl or cloudevents").raise();
      };
    }

    String mediaType() {
      return mediaType;
    }

    String extension() {
      return extension;
    }
  }

  private static final String HEADER =
      "event_id,request_id,sequence,opened_at,occurred_at,tenant_id,key_id,tags,capability,model,tier,status,outcome,"
          + Arrays.stream(Unit.values()).map(Unit::wireName).collect(Collectors.joining(","))
          + ",plan,state,late,cost_usd,sponsored_usd,waived_usd,latency_millis\r\n";

  private final Format format;
  private final boolean networkCosts;
  private boolean first = true;

  Export(Format format, boolean networkCosts) {
    this.format = format;
    this.networkCosts = networkCosts;
  }

  void write(OutputStream out, StoredEvents events, UsageQuestion question) throws IOException {
    write(out, opening());
    try {
      events.each(question, event -> write(out, text(event.view())));
    } catch (UncheckedIOException left) {
      throw left.getCause();
    }
    write(out, format == Format.CLOUDEVENTS ? "]" : "");
  }

  private String opening() {
    return switch (format) {
      case CSV -> HEADER;
      case JSONL -> "";
      case CLOUDEVENTS -> "[";
    };
  }

  private String text(UsageEventView event) {
    UsageEventView shown = networkCosts ? event : event.withoutNetworkCost();
    return switch (format) {
      case CSV -> csv(shown);
      case JSONL -> json(shown) + "\n";
      case CLOUDEVENTS -> {
        String comma = first ? "" : ",\n";
        first = false;
        yield comma + CloudEvent.text(shown);
      }
    };
  }

  private static String json(UsageEventView event) {
    return Json.write(event);
  }

  private static String csv(UsageEventView event) {
    UsageEventView.Source source = event.source();
    UsageEventView.Job job = event.job();
    UsageEventView.Billing billing = event.billing();
    UsageEventView.Amounts amounts = event.amounts();
    List<Object> head =
        List.of(
            source.eventId(),
            source.requestId(),
            source.sequence(),
            source.openedAt(),
            source.occurredAt(),
            event.who().tenantId(),
            event.who().keyId(),
            String.join(" ", event.who().tags()),
            job.capability(),
            job.model(),
            job.tier(),
            job.status(),
            job.outcome());
    List<Object> tail =
        List.of(
            billing.plan(),
            billing.state(),
            billing.late(),
            amounts.cost(),
            amounts.sponsored() == null ? "0.00" : amounts.sponsored(),
            amounts.waived() == null ? "0.00" : amounts.waived(),
            event.latencyMillis());
    Stream<Object> units =
        Arrays.stream(Unit.values())
            .map(unit -> (billing.isReversal() ? -1 : 1) * event.measured().units().get(unit));
    return Stream.of(head.stream(), units, tail.stream())
            .flatMap(part -> part)
            .map(Export::cell)
            .collect(Collectors.joining(","))
        + "\r\n";
  }

  /**
   * Formats a CSV cell by RFC 4180. A text that a spreadsheet would take for a formula gets a
   * leading apostrophe.
   */
  private static String cell(Object value) {
    String text = String.valueOf(value);
    boolean formula =
        value instanceof String && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
    String safe = formula ? "'" + text : text;
    boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }

  private static void write(OutputStream out, String text) {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
