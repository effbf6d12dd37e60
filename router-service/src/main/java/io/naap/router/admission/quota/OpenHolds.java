package io.naap.router.admission.quota;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The holds of this router that are not settled, by their ids. Any thread. */
public final class OpenHolds {
  private final Map<String, Hold> holds = new ConcurrentHashMap<>();

  /** Concurrency slots of streams; only the end of its stream ends one. */
  private final Map<String, Hold> slots = new ConcurrentHashMap<>();

  /** Keeps a hold that was just taken. */
  public void add(Hold hold) {
    ReservationRequest request = hold.request();
    switch (request.counts()) {
      case JOB, STRETCH -> holds.put(hold.id(), hold);
      case STREAM -> {
        slots.put(request.streamSlot(), hold.splitSlot());
        holds.put(hold.id(), hold);
      }
      case SLOT -> slots.put(hold.id(), hold);
    }
  }

  public void remove(Hold hold) {
    holds.remove(hold.id(), hold);
  }

  /** A hold that this router took and that is not settled; else null. */
  public Hold hold(String id) {
    return holds.get(id);
  }

  /** The slot of a stream that this router has; else null. */
  public Hold slot(String id) {
    return slots.get(id);
  }

  public Hold removeSlot(String id) {
    return slots.remove(id);
  }

  /** What was taken for a request before, should it ask again; else null. */
  public Hold of(ReservationRequest request) {
    return request.counts() == ReservationRequest.Counts.SLOT
        ? slot(request.hold())
        : hold(request.hold());
  }

  /** All but slots; may be removed from while it is gone through. */
  public Collection<Hold> all() {
    return holds.values();
  }

  public int size() {
    return holds.size();
  }
}
