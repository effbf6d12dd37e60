package io.naap.metering.invoice;

import io.naap.contracts.money.NanoUsd;
import java.math.RoundingMode;

/** Rounds the amount of an invoice line to the cent, half-even. Lines are rounded nowhere else. */
final class Cents {
  private Cents() {}

  static NanoUsd of(NanoUsd exact) {
    return NanoUsd.ofNanos(
        exact.toDollars().setScale(2, RoundingMode.HALF_EVEN).movePointRight(9).longValueExact());
  }
}
