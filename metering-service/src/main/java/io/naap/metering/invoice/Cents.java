package io.naap.metering.invoice;

import io.naap.contracts.money.NanoUsd;
import java.math.RoundingMode;

/** The one rounding of an invoice line: half-even to the cent. */
final class Cents {
  private Cents() {}

  static NanoUsd of(NanoUsd exact) {
    return NanoUsd.ofNanos(
        exact.toDollars().setScale(2, RoundingMode.HALF_EVEN).movePointRight(9).longValueExact());
  }
}
