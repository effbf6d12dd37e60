package io.naap.clearinghouse.treasury;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.usdc.DepositAddresses;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.DerivedWallets;
import io.naap.clearinghouse.wallet.Wallet;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Moves USDC from the deposit addresses to the treasury's address: first the funding wallet sends
 * ether for the gas, then the deposit address's own key signs the transfer. Without that key the
 * transfers are only shown, unsigned. The arrival is booked by its event, whoever signed it.
 */
final class Sweeps {
  /** Ether sent for gas, as a multiple of what the transfer costs now. */
  private static final BigInteger GAS_SENT = BigInteger.valueOf(4);

  /** Ether that a transfer needs to be signed, as a multiple of what it costs now. */
  private static final BigInteger GAS_NEEDED = BigInteger.TWO;

  private final TreasurySettings settings;
  private final DepositAddresses deposits;
  private final TreasuryStore store;
  private final JsonRpc node;
  private final Optional<DerivedWallets> wallets;
  private final Function<Wallet, Intents> intentsOf;
  private final Map<Address, Intents> intents = new HashMap<>();

  Sweeps(
      TreasurySettings settings,
      DepositAddresses deposits,
      TreasuryStore store,
      JsonRpc node,
      Optional<DerivedWallets> wallets,
      Function<Wallet, Intents> intentsOf) {
    this.settings = settings;
    this.deposits = deposits;
    this.store = store;
    this.node = node;
    this.wallets = wallets;
    this.intentsOf = intentsOf;
  }

  /**
   * A deposit address to be swept.
   *
   * @param amount that is credited and still there, in millionths
   * @param ether that the address has
   * @param missingEther that it needs first, for gas; zero when it has enough
   */
  record Sweep(
      int index,
      Address from,
      String tenantId,
      Address to,
      BigInteger amount,
      BigInteger ether,
      BigInteger missingEther,
      long gasLimit) {
    boolean needsGas() {
      return missingEther.signum() > 0;
    }
  }

  /** True when this process has the keys of the addresses. */
  boolean signs() {
    return wallets.isPresent();
  }

  /** The addresses to be swept now; none without an address of the treasury. */
  List<Sweep> find(BigInteger gasPrice) throws IOException, InterruptedException {
    UsdcConfig.Sweep config = settings.usdc().sweep();
    if (config.to().isEmpty()) {
      return List.of();
    }
    Address to = Address.parse(config.to().get());
    BigInteger offered =
        gasPrice
            .add(settings.treasury().priorityFee())
            .max(BigInteger.ONE)
            .min(settings.treasury().maxGasPrice());
    BigInteger cost = BigInteger.valueOf(config.gasLimit()).multiply(offered);
    List<Sweep> found = new ArrayList<>();
    for (DepositAddresses.Waiting one : deposits.waiting(config.least(), config.mostAtOnce())) {
      String call = SwapCalls.balanceOf(one.address());
      BigInteger there = new BigInteger(1, node.call(settings.usdc().token(), call));
      // What is not credited yet is not final yet, and stays.
      BigInteger amount = there.min(one.amount());
      if (amount.compareTo(config.least()) < 0) {
        continue;
      }
      BigInteger ether = node.balance(one.address());
      boolean enough = ether.compareTo(cost.multiply(GAS_NEEDED)) >= 0;
      found.add(
          new Sweep(
              one.index(),
              one.address(),
              one.tenantId(),
              to,
              amount,
              ether,
              enough ? BigInteger.ZERO : cost.multiply(GAS_SENT).subtract(ether),
              config.gasLimit()));
    }
    return found;
  }

  /**
   * Plans the next step of a sweep, unless one is under way for the address.
   *
   * @param funding the intents of the funding wallet
   */
  void plan(Sweep sweep, Intents funding) {
    String kind = sweep.needsGas() ? "sweep_gas" : "sweep";
    String key = kind + ":" + sweep.from().lowerCase() + ":";
    TreasuryStore.Count known = store.countOfKey(key);
    if (known.underWay() > 0) {
      return;
    }
    if (sweep.needsGas()) {
      Intents.Call call =
          new Intents.Call(
              sweep.from(), sweep.missingEther(), ByteString.EMPTY, settings.treasury().gasLimit());
      funding.plan(
          new Intents.Plan(
              key + known.all(),
              kind,
              call,
              BigInteger.ZERO,
              Optional.empty(),
              "gas for the sweep of " + sweep.from()));
    } else {
      Intents.Call call =
          new Intents.Call(
              settings.usdcToken(),
              BigInteger.ZERO,
              SwapCalls.transfer(sweep.to(), sweep.amount()),
              sweep.gasLimit());
      intents(sweep.index())
          .plan(
              new Intents.Plan(
                  key + known.all(),
                  kind,
                  call,
                  sweep.amount(),
                  Optional.empty(),
                  sweep.amount() + " millionths of USDC of " + sweep.tenantId()));
    }
  }

  private Intents intents(int index) {
    Wallet wallet = wallets.orElseThrow().at(index);
    return intents.computeIfAbsent(wallet.address(), address -> intentsOf.apply(wallet));
  }

  /** Brings the sweeps on that are under way, also those that an earlier process began. */
  void round(boolean begin) throws IOException, InterruptedException {
    if (wallets.isEmpty()) {
      return;
    }
    for (int index : store.sweptIndexes()) {
      intents(index).round(begin);
    }
    intents.values().removeIf(one -> !one.hasWork());
  }
}
