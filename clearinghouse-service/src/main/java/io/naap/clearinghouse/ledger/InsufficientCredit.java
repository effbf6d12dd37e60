package io.naap.clearinghouse.ledger;

import io.naap.contracts.problem.Refusal;

/** The refusal of a request for which a tenant's credit is too low; jobs may hold some of it. */
public final class InsufficientCredit {
  private InsufficientCredit() {}

  public static Refusal refusal(IdleMoney.Answer asked) {
    return switch (asked) {
      case ASKED -> Refusal.of(402, "insufficient_credit", "There is not so much credit.");
      case HELD ->
          Refusal.of(
              402,
              "insufficient_credit",
              "There is not so much credit; some is held for jobs that run, and returns when they end.");
      case UNAVAILABLE ->
          Refusal.unavailable(
              "There is not so much free credit, and what is set aside for jobs cannot be asked for"
                  + " now; try again.");
    };
  }
}
