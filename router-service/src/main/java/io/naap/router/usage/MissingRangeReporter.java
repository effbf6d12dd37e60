package io.naap.router.usage;

import io.naap.contracts.events.UsageMissing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Declares missing positions to metering, again and again until metering's watermark has passed
 * them, and logs each once. Called by one thread at a time.
 */
final class MissingRangeReporter {
  private static final Logger LOG = Logger.getLogger(MissingRangeReporter.class);

  private final String instance;
  private final Spool spool;
  private final long everyNanos;
  private final Out out;

  /** Up to where metering has this router's usage, as it said last; -1 before it said so. */
  private volatile long heard = -1;

  /** The furthest that metering has said, unless it was found to have lost usage since. */
  private volatile long furthest = -1;

  private long toldNanos;
  private boolean told;
  private boolean lost;
  private boolean unsaved;

  /** Takes what is found. */
  interface Out {
    /** A missing range is new. */
    void count(String reason);

    /** Declares a range to metering, best effort. */
    void declare(UsageMissing missing);

    /** Metering has lost usage that it had confirmed, behind this position: it is sent again. */
    void sendAgain(long position);
  }

  MissingRangeReporter(String instance, Spool spool, Duration every, Out out) {
    this.instance = instance;
    this.spool = spool;
    this.everyNanos = every.toNanos();
    this.out = out;
  }

  /** Metering has this router's usage up to a position. */
  void committed(long position) {
    heard = position;
    furthest = Math.max(furthest, position);
  }

  /** Declares new ranges at once, and every so often all that metering has not passed. */
  void look(long nanos) {
    boolean due = !told || nanos - toldNanos >= everyNanos;
    long committed = heard;
    if (due) {
      told = true;
      toldNanos = nanos;
      findLost(committed);
    }
    List<MissingRange> fresh = spool.missing().fresh();
    fresh.forEach(this::report);
    if (due) {
      spool.missing().forgetBelow(Math.min(spool.first(), committed + 1));
      spool.missing().above(committed).forEach(this::declare);
    } else {
      fresh.forEach(this::declare);
    }
    save();
  }

  /**
   * Looks whether metering says twice that it has less than it had confirmed. Then what the spool
   * still has is sent again. What it has dropped, because it was confirmed, is missing.
   */
  private void findLost(long committed) {
    long first = spool.first();
    boolean isLess = committed >= 0 && committed < Math.max(furthest, first - 1);
    if (isLess && lost) {
      if (committed < first - 1) {
        spool
            .missing()
            .find(
                committed + 1,
                first - 1,
                spool.isEmptied() ? UsageMissing.UNREADABLE : UsageMissing.FORGOTTEN);
      }
      if (committed < furthest) {
        furthest = committed;
        out.sendAgain(committed);
      }
    }
    lost = isLess;
  }

  private void report(MissingRange gap) {
    out.count(gap.reason());
    String range = "instance=%s first=%d last=%d".formatted(instance, gap.from(), gap.to());
    switch (gap.reason()) {
      case UsageMissing.UNCLOSED ->
          LOG.warnf("the spool was not closed: positions are skipped, %s", range);
      case UsageMissing.FORGOTTEN ->
          LOG.errorf("metering does not have what it had confirmed: usage is lost, %s", range);
      default -> LOG.errorf("the spool cannot be read: usage is lost, %s", range);
    }
  }

  private void declare(MissingRange gap) {
    out.declare(new UsageMissing(instance, gap.from(), gap.to(), gap.reason(), gap.foundAt()));
  }

  private void save() {
    try {
      spool.missing().save();
      unsaved = false;
    } catch (IOException failed) {
      if (!unsaved) {
        LOG.warnf("missing positions of the spool cannot be stored: %s", failed.getMessage());
      }
      unsaved = true;
    }
  }
}
