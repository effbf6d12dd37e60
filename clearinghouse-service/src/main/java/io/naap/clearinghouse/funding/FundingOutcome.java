package io.naap.clearinghouse.funding;

import io.naap.contracts.clearing.Funding;

/** What came of asking for money to be set aside. */
public sealed interface FundingOutcome {
  /** The total now set aside, changed or not. */
  record Funded(Funding funding) implements FundingOutcome {}

  /** A newer epoch closed this one. */
  record Closed() implements FundingOutcome {}

  /** The asker knows of more money than was ever set aside here. */
  record Ahead() implements FundingOutcome {}
}
