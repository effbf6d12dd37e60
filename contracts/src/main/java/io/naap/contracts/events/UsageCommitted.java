package io.naap.contracts.events;

import java.time.Instant;

/**
 * Metering has stored every usage event of a router instance up to a position of its spool, or was
 * told that an event is missing ({@link UsageMissing}). The instance may delete its spool up to
 * there.
 *
 * @param spoolPosition metering waits for no position up to and including this one
 */
public record UsageCommitted(String instance, long spoolPosition, Instant committedAt) {}
