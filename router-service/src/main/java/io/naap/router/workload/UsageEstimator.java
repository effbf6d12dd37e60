package io.naap.router.workload;

import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Estimates jobs whose requests leave an amount open, by capability and model: the 95th percentile
 * of the last such jobs, and never more than the job may come to. Holds are taken for the estimate,
 * so that a small balance is not refused for an amount that hardly any job uses.
 */
@Singleton
public class UsageEstimator {
  private static final int MOST_MODELS = 10_000;

  private final int after;
  private final Map<Of, Last> known = new ConcurrentHashMap<>();

  @Inject
  UsageEstimator(WorkloadConfig config) {
    this(config.learnAfter());
  }

  /**
   * @param after how many jobs must be done before estimates are used; 0 for never
   */
  UsageEstimator(int after) {
    if (after < 0 || after > Last.SIZE) {
      throw new IllegalArgumentException(
          "naap.workload.learn-after must be from 0 to " + Last.SIZE);
    }
    this.after = after;
  }

  private record Of(String capability, String model, Unit unit) {}

  /** The units to hold for a job. */
  public Units hold(String capability, String model, Job job) {
    Units most = job.estimate().most();
    Optional<Unit> open = job.estimate().open();
    if (open.isEmpty() || after == 0) {
      return most;
    }
    Last last = known.get(new Of(capability, model, open.get()));
    OptionalLong usual = last == null ? OptionalLong.empty() : last.p95(after);
    return usual.isPresent() && usual.getAsLong() < most.get(open.get())
        ? most.with(open.get(), Math.max(1, usual.getAsLong()))
        : most;
  }

  /** Learns from a job that was done. */
  public void done(String capability, String model, Job job, Units measured) {
    Optional<Unit> open = job.estimate().open();
    if (open.isEmpty() || after == 0) {
      return;
    }
    Of of = new Of(capability, model, open.get());
    Last last = known.get(of);
    if (last == null && known.size() < MOST_MODELS) {
      last = known.computeIfAbsent(of, fresh -> new Last());
    }
    if (last != null) {
      last.add(measured.get(open.get()));
    }
  }

  /** The last jobs of one capability and model. Any thread. */
  private static final class Last {
    static final int SIZE = 256;

    /** The percentile is computed once for so many jobs, because it changes slowly. */
    private static final int EVERY = 8;

    private final long[] amounts = new long[SIZE];
    private long count;
    private long p95;

    synchronized void add(long amount) {
      amounts[(int) (count % SIZE)] = amount;
      count++;
      if (count % EVERY == 0 || count < 2 * EVERY) {
        int filled = (int) Math.min(count, SIZE);
        long[] sorted = Arrays.copyOf(amounts, filled);
        Arrays.sort(sorted);
        p95 = sorted[(filled * 95 + 99) / 100 - 1];
      }
    }

    synchronized OptionalLong p95(int after) {
      return count < after ? OptionalLong.empty() : OptionalLong.of(p95);
    }
  }
}
