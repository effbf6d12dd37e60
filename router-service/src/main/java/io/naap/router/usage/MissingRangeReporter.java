package io.naap.router.usage;

import io.naap.contracts.events.UsageMissing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Tells metering which positions it need not wait for, again and again until its watermark has
 * passed them, and a person once. Called by one thread at a time.
 */
final class MissingRangeReporter {
  private static final Logger LOG = Logger.getLogger(MissingRangeReporter.class);

  private final String instance;
  private final Spool spool;
  private final long everyNanos;
  private final Out out;

  /** Where metering said last that it is; -1 before it said so. */
  private volatile long heard = -1;

  /** The furthest that it ever said and was not found to have lost. */
  private volatile long furthest = -1;

  private long toldNanos;
  private boolean told;
  private boolean lost;
  private boolean unsaved;

  /** How what is found leaves. */
  interface Out {
    /** A gap is new. */
    void count(String reason);

    /** Best effort. */
    void declare(UsageMissing missing);

    /** Metering has usage up to a position, and not what it had confirmed beyond it. */
    void sendAgain(long position);
  }

  MissingRangeReporter(String instance, Spool spool, Duration every, Out out) {
    this.instance = instance;
    this.spool = spool;
    this.everyNanos = every.toNanos();
    this.out = out;
  }

  /** Metering has told how far it is. */
  void committed(long position) {
    heard = position;
    furthest = Math.max(furthest, position);
  }

  /** Declares what is new at once, and what is not confirmed now and then. */
  void look(long nanos) {
    boolean due = !told || nanos - toldNanos >= everyNanos;
    long committed = heard;
    if (due) {
      told = true;
      toldNanos = nanos;
      findLost(committed);
    }
    List<MissingRange> fresh = spool.missing().fresh();
    fresh.forEach(this::tell);
    if (due) {
      spool.missing().forgetBelow(Math.min(spool.first(), committed + 1));
      spool.missing().above(committed).forEach(this::declare);
    } else {
      fresh.forEach(this::declare);
    }
    save();
  }

  /**
   * Metering confirmed more than it says to have, and says so again and again: what is still here
   * is sent again. What lies below the first is nowhere any more; it was let go of because it was
   * confirmed.
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

  private void tell(MissingRange gap) {
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
        LOG.warnf("gaps of the spool cannot be stored: %s", failed.getMessage());
      }
      unsaved = true;
    }
  }
}
