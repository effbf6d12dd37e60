package io.naap.metering.plan;

import io.naap.contracts.rating.Charge;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A version of a price book, which is a list of charges that several plans share. */
public record PriceBook(String id, int version, String name, List<Charge> charges) {
  public PriceBook {
    charges = List.copyOf(charges);
  }

  /**
   * A request for a new price book or a new version of one.
   *
   * @param effectiveFrom when the plans that use the book take its new version, now when absent;
   *     never in the past. Ignored for a new book, which no plan uses yet
   */
  public record Request(String name, List<Charge> charges, Optional<Instant> effectiveFrom) {
    public Request {
      effectiveFrom = effectiveFrom == null ? Optional.empty() : effectiveFrom;
      charges = charges == null ? List.of() : List.copyOf(charges);
    }
  }
}
