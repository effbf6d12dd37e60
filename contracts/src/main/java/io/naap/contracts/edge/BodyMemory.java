package io.naap.contracts.edge;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The memory that the bodies of all requests of this process may take at once. Every owner (a
 * client address, a tenant) may take a part of it, so that one of them cannot take it from the
 * others. What is counted is what is really allocated. Any thread.
 */
public final class BodyMemory {
  private final long total;
  private final Map<String, Long> byOwner = new HashMap<>();
  private long taken;

  public BodyMemory(long totalBytes) {
    if (totalBytes < 1) {
      throw new IllegalArgumentException("the memory for bodies must be positive");
    }
    this.total = totalBytes;
  }

  /**
   * Who is charged for a body.
   *
   * @param percent of all memory that this owner may take
   */
  public record Owner(String name, int percent) {}

  /** What has no room left. */
  public enum Full {
    PROCESS,
    OWNER
  }

  /** A body's part, with nothing taken yet. */
  public Share share(List<Owner> owners) {
    return new Share(owners);
  }

  public synchronized long takenBytes() {
    return taken;
  }

  public long totalBytes() {
    return total;
  }

  /** What one body takes. */
  public final class Share {
    private final List<Owner> owners;
    private long bytes;

    private Share(List<Owner> owners) {
      this.owners = List.copyOf(owners);
    }

    /**
     * Takes more, or nothing and says what is full. An owner's only body may take more than the
     * owner's part: otherwise a body that is allowed could be too large for everybody.
     */
    public Optional<Full> grow(long more) {
      synchronized (BodyMemory.this) {
        if (taken + more > total) {
          return Optional.of(Full.PROCESS);
        }
        for (Owner owner : owners) {
          long now = byOwner.getOrDefault(owner.name, 0L);
          if (now > bytes && now + more > total / 100 * owner.percent) {
            return Optional.of(Full.OWNER);
          }
        }
        add(more);
        return Optional.empty();
      }
    }

    /** Gives back what is no longer used. */
    public void shrink(long less) {
      synchronized (BodyMemory.this) {
        add(-Math.min(less, bytes));
      }
    }

    /** Gives back all; may be done twice. */
    public void release() {
      shrink(Long.MAX_VALUE);
    }

    public long bytes() {
      synchronized (BodyMemory.this) {
        return bytes;
      }
    }

    private void add(long more) {
      bytes += more;
      taken += more;
      for (Owner owner : owners) {
        byOwner.merge(
            owner.name, more, (before, added) -> before + added == 0 ? null : before + added);
      }
    }
  }
}
