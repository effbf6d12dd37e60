package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.Funding;

/** The outcome of setting money aside. */
public sealed interface FundingOutcome {
  /** The total that is set aside now, changed or not. */
  record Funded(Funding funding) implements FundingOutcome {}

  /** A newer epoch has closed this one. */
  record Closed() implements FundingOutcome {}

  /** The router knows of more money than was ever set aside in this epoch. */
  record Ahead() implements FundingOutcome {}
}
