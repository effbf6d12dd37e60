package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Decides how deposit, reserve and hot wallet are refilled; does nothing itself. */
final class Policy {
  private static final String FUND_FOR =
      Abi.selector("fundDepositAndReserveFor(address,uint256,uint256)");

  private final TreasuryConfig config;

  Policy(TreasuryConfig config) {
    this.config = config;
  }

  /**
   * What was observed, in wei.
   *
   * @param moved by the treasury in the last 24 hours
   */
  record Seen(
      Address hot,
      Address broker,
      BigInteger deposit,
      BigInteger reserve,
      BigInteger hotBalance,
      BigInteger fundingBalance,
      BigInteger gasPrice,
      BigInteger moved) {}

  /** A call or transfer to be made. */
  record Action(String kind, Address to, BigInteger value, ByteString data, String reason) {}

  /**
   * The decision.
   *
   * @param held why nothing is done although something is needed
   */
  record Decision(List<Action> actions, Optional<String> held) {
    Decision {
      actions = List.copyOf(actions);
    }
  }

  Decision decide(Seen seen) {
    BigInteger deposit = missing(seen.deposit(), config.depositLow(), config.depositTarget());
    BigInteger reserve = missing(seen.reserve(), config.reserveLow(), config.reserveTarget());
    BigInteger hot = missing(seen.hotBalance(), config.hotLow(), config.hotTarget());
    BigInteger all = deposit.add(reserve).add(hot);
    if (all.signum() == 0) {
      return new Decision(List.of(), Optional.empty());
    }
    if (seen.gasPrice().compareTo(config.maxGasPrice()) > 0) {
      return held("gas costs " + seen.gasPrice() + " wei, more than " + config.maxGasPrice());
    }
    if (seen.moved().add(all).compareTo(config.dailyLimit()) > 0) {
      return held("the daily limit leaves " + config.dailyLimit().subtract(seen.moved()) + " wei");
    }
    BigInteger gas = config.maxGasPrice().multiply(BigInteger.valueOf(2 * config.gasLimit()));
    if (seen.fundingBalance().compareTo(all.add(gas)) < 0) {
      return held("the funding wallet has " + seen.fundingBalance() + " wei, not " + all.add(gas));
    }
    List<Action> actions = new ArrayList<>();
    if (deposit.add(reserve).signum() > 0) {
      String data = FUND_FOR + Abi.word(seen.hot()) + Abi.word(deposit) + Abi.word(reserve);
      actions.add(
          new Action(
              "fund",
              seen.broker(),
              deposit.add(reserve),
              ByteString.copyFrom(HexFormat.of().parseHex(data.substring(2))),
              "deposit "
                  + seen.deposit()
                  + " + "
                  + deposit
                  + ", reserve "
                  + seen.reserve()
                  + " + "
                  + reserve));
    }
    if (hot.signum() > 0) {
      actions.add(
          new Action(
              "fill_hot",
              seen.hot(),
              hot,
              ByteString.EMPTY,
              "hot wallet " + seen.hotBalance() + " + " + hot));
    }
    return new Decision(actions, Optional.empty());
  }

  private static Decision held(String reason) {
    return new Decision(List.of(), Optional.of(reason));
  }

  private static BigInteger missing(BigInteger there, BigInteger low, BigInteger target) {
    return there.compareTo(low) < 0 ? target.subtract(there).max(BigInteger.ZERO) : BigInteger.ZERO;
  }
}
