package io.naap.deploy.local;

import java.util.Locale;

/** The five services, in the order they start and their ports follow. */
enum Service {
  AUTH(0, true, 64),
  KEYS(1, true, 64),
  METERING(2, true, 96),
  ROUTER(3, false, 128),
  CLEARINGHOUSE(4, true, 96);

  private final int position;
  private final boolean hasDatabase;
  private final int heapMegabytes;

  Service(int position, boolean hasDatabase, int heapMegabytes) {
    this.position = position;
    this.hasDatabase = hasDatabase;
    this.heapMegabytes = heapMegabytes;
  }

  /** As in client ids, database names and the path table. */
  String shortName() {
    return name().toLowerCase(Locale.ROOT);
  }

  String folder() {
    return shortName() + "-service";
  }

  /** Where its ports stand among those of the five. */
  int position() {
    return position;
  }

  boolean hasDatabase() {
    return hasDatabase;
  }

  int heapMegabytes() {
    return heapMegabytes;
  }
}
