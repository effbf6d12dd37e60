package io.naap.clearinghouse.settlement;

import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Posting;
import io.naap.clearinghouse.ledger.Postings;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the TicketBroker's events change our deposit and reserve in the ledger. Takes events in the
 * order of the chain: a claim on the reserve is part of the transfer that follows it in the same
 * transaction.
 */
final class BrokerPostings {
  private final AccountRef deposit;
  private final AccountRef reserve;
  private final AccountRef funded;
  private final AccountRef redeemed;
  private final Map<String, BigInteger> claimed = new HashMap<>();

  /**
   * @param owner the sender's address in lower case
   */
  BrokerPostings(String owner) {
    this.deposit = AccountRef.ether(owner, AccountKind.DEPOSIT);
    this.reserve = AccountRef.ether(owner, AccountKind.RESERVE);
    this.funded = AccountRef.ether(owner, AccountKind.FUNDED);
    this.redeemed = AccountRef.ether(owner, AccountKind.TICKETS_REDEEMED);
  }

  List<AccountRef> accounts() {
    return List.of(deposit, reserve, funded, redeemed);
  }

  /** The postings of an event; empty when it moves no money. */
  List<Posting> of(BrokerEvent event) {
    BigInteger amount = event.amount();
    Postings postings = new Postings();
    switch (event.kind()) {
      case DEPOSIT_FUNDED -> postings.add(deposit, amount).add(funded, amount.negate());
      case RESERVE_FUNDED -> postings.add(reserve, amount).add(funded, amount.negate());
      case RESERVE_CLAIMED -> claimed.merge(event.at().transaction(), amount, BigInteger::add);
      case TRANSFERRED -> {
        BigInteger fromReserve =
            Optional.ofNullable(claimed.remove(event.at().transaction()))
                .orElse(BigInteger.ZERO)
                .min(amount);
        postings
            .add(redeemed, amount)
            .add(reserve, fromReserve.negate())
            .add(deposit, amount.subtract(fromReserve).negate());
      }
      case WITHDRAWN ->
          postings
              .add(deposit, amount.negate())
              .add(reserve, event.secondAmount().negate())
              .add(funded, amount.add(event.secondAmount()));
      case REDEEMED, UNLOCKED, UNLOCK_CANCELLED -> {}
    }
    return postings.list();
  }

  /** The postings that bring deposit and reserve to what the contract has. */
  List<Posting> opening(BigInteger newDeposit, BigInteger newReserve) {
    return new Postings()
        .add(deposit, newDeposit)
        .add(reserve, newReserve)
        .add(funded, newDeposit.add(newReserve).negate())
        .list();
  }
}
