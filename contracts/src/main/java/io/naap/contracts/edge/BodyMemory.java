package io.naap.contracts.edge;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Limits the heap memory that all request bodies of this process take at once. Each owner (a client
 * address or a tenant) may take at most a percentage of it, so no owner can exhaust it for the
 * others. Counts allocated bytes. Thread-safe.
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
   * An owner that the memory of a body is counted for.
   *
   * @param percent of all memory that this owner may take
   */
  public record Owner(String name, int percent) {}

  /** Which limit is reached. */
  public enum Full {
    PROCESS,
    OWNER
  }

  /** Starts counting for one body; no bytes are taken yet. */
  public Share share(List<Owner> owners) {
    return new Share(owners);
  }

  public synchronized long takenBytes() {
    return taken;
  }

  public long totalBytes() {
    return total;
  }

  /** The memory counted for one body. */
  public final class Share {
    private final List<Owner> owners;
    private long bytes;

    private Share(List<Owner> owners) {
      this.owners = List.copyOf(owners);
    }

    /**
     * Takes more bytes, or takes nothing and returns which limit is reached. An owner's only body
     * may exceed the owner's percentage; otherwise a body within the size limit might never fit.
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

    /** Returns bytes that are no longer allocated. */
    public void shrink(long less) {
      synchronized (BodyMemory.this) {
        add(-Math.min(less, bytes));
      }
    }

    /** Returns all bytes; a second call does nothing. */
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
