package io.naap.metering.plan;

import io.naap.contracts.rating.Charge;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A version of a price book: charges that plans share. */
public record PriceBook(String id, int version, String name, List<Charge> charges) {
  public PriceBook {
    charges = List.copyOf(charges);
  }

  /**
   * A book, or a new version of one.
   *
   * @param effectiveFrom from when its plans take it, now when absent; never in the past. Says
   *     nothing for a new book, which no plan takes yet
   */
  public record Request(String name, List<Charge> charges, Optional<Instant> effectiveFrom) {
    public Request {
      effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
      charges = charges == null ? List.of() : List.copyOf(charges);
    }
  }
}
