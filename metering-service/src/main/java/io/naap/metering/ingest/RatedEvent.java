package io.naap.metering.ingest;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Rated;
import java.util.Optional;

/** What became of a usage event. */
public sealed interface RatedEvent {
  UsageRecorded event();

  /**
   * It has a price.
   *
   * @param before where its period was, when the plan's prices depend on it
   */
  record Charged(UsageRecorded event, Rated.Priced rated, Optional<PeriodUsage> before)
      implements RatedEvent {}

  /** The job failed: counted, never charged. */
  record Unbilled(UsageRecorded event) implements RatedEvent {}

  /** It cannot be rated: stored, and waits for a person. */
  record Quarantined(UsageRecorded event, String reason) implements RatedEvent {}

  /** The tenant's part. */
  default NanoUsd amount() {
    return switch (this) {
      case Charged charged -> charged.rated().total();
      case Unbilled unbilled -> NanoUsd.ZERO;
      case Quarantined quarantined -> NanoUsd.ZERO;
    };
  }

  /** The sponsor's part. */
  default Optional<Sponsored> sponsored() {
    return switch (this) {
      case Charged charged -> charged.rated().sponsored();
      case Unbilled unbilled -> Optional.empty();
      case Quarantined quarantined -> Optional.empty();
    };
  }

  /** What a trial or a ceiling spares the tenant. */
  default NanoUsd waived() {
    return switch (this) {
      case Charged charged -> charged.rated().waived();
      case Unbilled unbilled -> NanoUsd.ZERO;
      case Quarantined quarantined -> NanoUsd.ZERO;
    };
  }
}
