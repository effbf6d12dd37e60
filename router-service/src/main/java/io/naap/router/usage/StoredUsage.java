package io.naap.router.usage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Up to where metering has stored the usage of each router, as far as it has said so. */
final class StoredUsage {
  private final Map<String, Long> positions = new ConcurrentHashMap<>();

  void committed(String instance, long position) {
    positions.merge(instance, position, Math::max);
  }

  /** Metering has lost usage behind this position that it had confirmed. */
  void lostBehind(String instance, long position) {
    positions.put(instance, position);
  }

  long position(String instance) {
    return positions.getOrDefault(instance, 0L);
  }

  boolean isStored(String instance, long position) {
    return position == 0 || position(instance) >= position;
  }
}
