package io.naap.metering.plan;

import io.naap.contracts.rating.Charge;
import java.util.List;

/** A version of a price book: charges that plans share. */
public record PriceBook(String id, int version, String name, List<Charge> charges) {
  public PriceBook {
    charges = List.copyOf(charges);
  }

  /** A page of books; there are few, so it is the only one. */
  public record Page(List<PriceBook> data, String nextCursor) {
    public Page {
      data = List.copyOf(data);
    }
  }

  /** A book, or a new version of one. */
  public record Request(String name, List<Charge> charges) {
    public Request {
      charges = charges == null ? List.of() : List.copyOf(charges);
    }
  }
}
