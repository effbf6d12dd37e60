package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.usdc.DepositAddresses;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.DerivedWallets;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.store.Transactions;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Brings USDC from the tenants' addresses to the treasury's: first ether for the gas from the
 * funding wallet, then the transfer, signed by the address's own key. Without that key here the
 * transfers are only planned, and told unsigned. What arrived is booked by its event, whoever
 * signed it.
 */
final class Sweeps {
  private static final BigInteger GAS_MARGIN = BigInteger.valueOf(4);
  private static final BigInteger GAS_LEAST = BigInteger.TWO;

  private final UsdcConfig config;
  private final TreasuryConfig treasury;
  private final DepositAddresses deposits;
  private final JsonRpc node;
  private final Transactions transactions;
  private final Optional<DerivedWallets> wallets;
  private final Function<Wallet, Intents> intentsOf;
  private final Map<Address, Intents> intents = new HashMap<>();

  Sweeps(
      UsdcConfig config,
      TreasuryConfig treasury,
      DepositAddresses deposits,
      JsonRpc node,
      Transactions transactions,
      Optional<DerivedWallets> wallets,
      Function<Wallet, Intents> intentsOf) {
    this.config = config;
    this.treasury = treasury;
    this.deposits = deposits;
    this.node = node;
    this.transactions = transactions;
    this.wallets = wallets;
    this.intentsOf = intentsOf;
  }

  /**
   * An address to be emptied.
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
      long gasLimit) {}

  /** True when the keys of the addresses are here. */
  boolean signs() {
    return wallets.isPresent();
  }

  /** What is to be swept now; nothing without a treasury's address. */
  List<Sweep> look(BigInteger gasPrice) throws IOException, InterruptedException {
    if (config.sweep().to().isEmpty()) {
      return List.of();
    }
    Address to = Address.parse(config.sweep().to().get());
    BigInteger gas = BigInteger.valueOf(config.sweep().gasLimit());
    BigInteger offered =
        gasPrice.add(treasury.priorityFee()).max(BigInteger.ONE).min(treasury.maxGasPrice());
    List<Sweep> found = new ArrayList<>();
    for (DepositAddresses.Waiting one :
        deposits.waiting(config.sweep().least(), config.sweep().mostAtOnce())) {
      BigInteger there =
          new BigInteger(1, node.call(config.token(), SwapCalls.balanceOf(one.address())));
      // Not more than is credited: the rest is not final yet.
      BigInteger amount = there.min(one.amount());
      if (amount.compareTo(config.sweep().least()) < 0) {
        continue;
      }
      BigInteger ether =
          JsonRpc.number(
              node.ask("eth_getBalance", JsonRpc.parameters(one.address().lowerCase(), "latest")));
      boolean enough = ether.compareTo(gas.multiply(offered).multiply(GAS_LEAST)) >= 0;
      found.add(
          new Sweep(
              one.index(),
              one.address(),
              one.tenantId(),
              to,
              amount,
              ether,
              enough ? BigInteger.ZERO : gas.multiply(offered).multiply(GAS_MARGIN).subtract(ether),
              config.sweep().gasLimit()));
    }
    return found;
  }

  /** Plans one sweep; one at a time for each address. */
  void plan(Sweep sweep, Intents funding) {
    boolean fuel = sweep.missingEther().signum() > 0;
    String kind = fuel ? "sweep_gas" : "sweep";
    String key = kind + ":" + sweep.from().lowerCase() + ":";
    Under under = under(key);
    if (under.way() > 0) {
      return;
    }
    if (fuel) {
      funding.plan(
          new Intents.Plan(
              key + under.all(),
              kind,
              sweep.from(),
              sweep.missingEther(),
              com.google.protobuf.ByteString.EMPTY,
              treasury.gasLimit(),
              BigInteger.ZERO,
              Optional.empty(),
              "gas for the sweep of " + sweep.from()));
    } else {
      of(sweep)
          .plan(
              new Intents.Plan(
                  key + under.all(),
                  kind,
                  Address.parse(config.token()),
                  BigInteger.ZERO,
                  SwapCalls.transfer(sweep.to(), sweep.amount()),
                  sweep.gasLimit(),
                  sweep.amount(),
                  Optional.empty(),
                  sweep.amount() + " millionths of USDC of " + sweep.tenantId()));
    }
  }

  private record Under(long way, long all) {}

  private Under under(String key) {
    return transactions
        .run(
            tx ->
                tx.one(
                    """
                    select count(*) n, count(*) filter (
                      where status in ('planned', 'signed', 'sent', 'confirmed')) under_way
                    from intent where starts_with(business_key, $1)""",
                    key))
        .map(row -> new Under(row.getLong("under_way"), row.getLong("n")))
        .orElseThrow();
  }

  private Intents of(Sweep sweep) {
    return intents.computeIfAbsent(
        sweep.from(), address -> intentsOf.apply(wallets.orElseThrow().at(sweep.index())));
  }

  /** Goes on with what is under way, also of addresses that a process before this one swept. */
  void round(boolean begin) throws IOException, InterruptedException {
    if (wallets.isEmpty()) {
      return;
    }
    List<Integer> open =
        transactions.run(
            tx ->
                tx
                    .query(
                        """
                        select distinct a.derivation_index i from deposit_address a
                        join intent t on t.sender = lower(a.address)
                        where t.status in ('planned', 'signed', 'sent', 'confirmed') limit 100""")
                    .stream()
                    .map(row -> row.getInteger("i"))
                    .toList());
    for (int index : open) {
      Wallet wallet = wallets.get().at(index);
      intents.computeIfAbsent(wallet.address(), address -> intentsOf.apply(wallet)).round(begin);
    }
    intents.values().removeIf(one -> !one.hasWork());
  }
}
