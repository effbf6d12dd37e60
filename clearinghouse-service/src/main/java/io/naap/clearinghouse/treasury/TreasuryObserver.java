package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Wallet;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.util.Optional;

/** Reads the chain, and lets the policies decide upon it; changes nothing. */
@Singleton
class TreasuryObserver {
  private final TreasurySettings settings;
  private final TreasuryStore store;
  private final Chain chain;
  private final HotWallet hotWallet;
  private final EtherPrice price;
  private final Clock clock;
  private final Policy policy;
  private final SwapPolicy swapPolicy;

  TreasuryObserver(
      TreasurySettings settings,
      TreasuryStore store,
      Chain chain,
      HotWallet hotWallet,
      EtherPrice price,
      Clock clock) {
    this.settings = settings;
    this.store = store;
    this.chain = chain;
    this.hotWallet = hotWallet;
    this.price = price;
    this.clock = clock;
    this.policy = new Policy(settings.treasury());
    this.swapPolicy =
        new SwapPolicy(
            settings.swap(), settings.treasury().maxGasPrice(), settings.treasury().gasLimit());
  }

  /**
   * Observes.
   *
   * @param funding the funding wallet
   */
  TreasuryView observe(
      JsonRpc node, Optional<Wallet> funding, TreasuryView before, Sweeps sweeps, long chainId)
      throws IOException, InterruptedException {
    BigInteger gasPrice = JsonRpc.number(node.latestBlock().path("baseFeePerGas"));
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    long round =
        snapshot.map(ChainView.Snapshot::lastInitializedRound).orElse(before.round().number());
    return new TreasuryView(
        funding.map(Wallet::address),
        Optional.of(gasPrice),
        refill(node, funding, snapshot, gasPrice),
        swap(node, funding, gasPrice),
        new TreasuryView.Sweeping(sweeps.signs(), sweeps.find(gasPrice), chainId),
        round == before.round().number()
            ? before.round()
            : new TreasuryView.Round(round, clock.instant()));
  }

  private TreasuryView.Refill refill(
      JsonRpc node,
      Optional<Wallet> funding,
      Optional<ChainView.Snapshot> snapshot,
      BigInteger gasPrice)
      throws IOException, InterruptedException {
    Optional<Address> broker = chain.broker();
    Optional<Wallet> hot = hotWallet.get();
    if (snapshot.isEmpty() || broker.isEmpty() || hot.isEmpty() || funding.isEmpty()) {
      return TreasuryView.NOTHING.refill();
    }
    Policy.Seen seen =
        new Policy.Seen(
            hot.get().address(),
            broker.get(),
            snapshot.get().deposit(),
            snapshot.get().reserve(),
            node.balance(hot.get().address()),
            node.balance(funding.get().address()),
            gasPrice,
            store.movedInADay());
    // An intent under way may not show in the balances yet: deciding now would count it twice.
    return new TreasuryView.Refill(
        Optional.of(seen),
        store.isUnderWay("fund", "fill_hot")
            ? TreasuryView.NOTHING.refill().decision()
            : policy.decide(seen));
  }

  private TreasuryView.Swap swap(JsonRpc node, Optional<Wallet> funding, BigInteger gasPrice)
      throws IOException, InterruptedException {
    if (funding.isEmpty() || settings.swapRouter().isEmpty()) {
      return TreasuryView.NOTHING.swap();
    }
    Address own = funding.get().address();
    String token = settings.usdc().token();
    SwapPolicy.Seen seen =
        new SwapPolicy.Seen(
            node.balance(own),
            number(node, token, SwapCalls.balanceOf(own)),
            number(node, token, SwapCalls.allowance(own, settings.swapRouter().get())),
            price.dollarsPerEther(),
            gasPrice,
            store.swappedInADay());
    return new TreasuryView.Swap(
        Optional.of(seen),
        store.isUnderWay("approve", "swap")
            ? new SwapPolicy.Decision.Nothing()
            : decide(node, seen));
  }

  /** Decides, and asks the quoter, where there is one, what a swap would give. */
  private SwapPolicy.Decision decide(JsonRpc node, SwapPolicy.Seen seen)
      throws IOException, InterruptedException {
    SwapPolicy.Decision decided = swapPolicy.decide(seen);
    Optional<String> quoter = settings.swap().quoter();
    if (decided instanceof SwapPolicy.Decision.Swap swap && quoter.isPresent()) {
      String question =
          SwapCalls.quote(
              settings.usdcToken(), settings.weth(), settings.swap().poolFee(), swap.amount());
      return swapPolicy.quoted(swap, number(node, quoter.get(), question));
    }
    return decided;
  }

  private static BigInteger number(JsonRpc node, String contract, String call)
      throws IOException, InterruptedException {
    byte[] answer = node.call(contract, call);
    if (answer.length < 32) {
      throw new IOException("a contract answered too little: " + contract);
    }
    return new BigInteger(1, answer, 0, 32);
  }
}
