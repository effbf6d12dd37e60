package io.naap.metering.ingest;

import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.money.NanoUsd;

/** What became of a usage event. */
sealed interface Metered {
  UsageRecorded event();

  /** It costs this much. */
  record Charged(UsageRecorded event, NanoUsd cost) implements Metered {}

  /** The job failed: counted, never charged. */
  record Unbilled(UsageRecorded event) implements Metered {}

  /** It cannot be rated: stored, and waits for a person. */
  record Quarantined(UsageRecorded event, String reason) implements Metered {}

  default String state() {
    return switch (this) {
      case Charged charged -> "rated";
      case Unbilled unbilled -> "unbilled";
      case Quarantined quarantined -> "quarantined";
    };
  }

  default NanoUsd amount() {
    return switch (this) {
      case Charged charged -> charged.cost();
      case Unbilled unbilled -> NanoUsd.ZERO;
      case Quarantined quarantined -> NanoUsd.ZERO;
    };
  }
}
