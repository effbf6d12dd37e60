package io.naap.router.proxy;

import java.util.Locale;

/** How a job ended, as usage events say it. */
public enum JobOutcome {
  /** Delivered as a whole. */
  SUCCEEDED,
  /** Delivered in part, or made for a client that left: billed. */
  PARTIAL,
  /** Nothing is billed. */
  FAILED;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  public String wireName() {
    return wireName;
  }
}
