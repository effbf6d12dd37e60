package io.naap.contracts.events;

import java.time.Instant;

/**
 * Metering has stored every usage event of a router instance up to a position, or was told that it
 * is missing ({@link UsageMissing}): the instance may drop its spool up to there.
 *
 * @param spoolPosition the highest position below which nothing is waited for
 */
public record UsageCommitted(String instance, long spoolPosition, Instant committedAt) {}
