package io.naap.metering.usage;

import java.time.Instant;
import java.util.List;

/**
 * A page of usage from one instant up to, not including, another.
 *
 * @param granularity {@code minute}, {@code hour}, {@code day} or {@code total}
 * @param total the sum over all pages
 */
public record UsagePage(
    Instant from,
    Instant to,
    String granularity,
    UsageRow total,
    List<UsageRow> data,
    String nextCursor) {
  public UsagePage {
    data = List.copyOf(data);
  }
}
