package io.naap.metering.ingest;

import io.naap.contracts.events.Sponsored;
import io.naap.contracts.events.UsageRecorded;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.PeriodUsage;
import io.naap.contracts.rating.Rated;
import java.util.Optional;

/** The result of rating a usage event. */
public sealed interface RatedEvent {
  UsageRecorded event();

  /**
   * The event has a price.
   *
   * @param before the position of its period before the event, when the plan's prices depend on it
   */
  record Charged(UsageRecorded event, Rated.Priced rated, Optional<PeriodUsage> before)
      implements RatedEvent {}

  /** The job failed: the event is counted and not charged. */
  record Unbilled(UsageRecorded event) implements RatedEvent {}

  /** The event cannot be rated: it is stored and waits for an operator. */
  record Quarantined(UsageRecorded event, String reason) implements RatedEvent {}

  /** The part of the price that the tenant pays. */
  default NanoUsd amount() {
    return switch (this) {
      case Charged charged -> charged.rated().total();
      case Unbilled unbilled -> NanoUsd.ZERO;
      case Quarantined quarantined -> NanoUsd.ZERO;
    };
  }

  /** The part of the price that a sponsor pays. */
  default Optional<Sponsored> sponsored() {
    return switch (this) {
      case Charged charged -> charged.rated().sponsored();
      case Unbilled unbilled -> Optional.empty();
      case Quarantined quarantined -> Optional.empty();
    };
  }

  /** The part of the price that nobody pays because of a trial or a ceiling. */
  default NanoUsd waived() {
    return switch (this) {
      case Charged charged -> charged.rated().waived();
      case Unbilled unbilled -> NanoUsd.ZERO;
      case Quarantined quarantined -> NanoUsd.ZERO;
    };
  }
}
