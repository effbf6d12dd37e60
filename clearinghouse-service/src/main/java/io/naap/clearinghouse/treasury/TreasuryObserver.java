package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.store.Transactions;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;

/** Looks at the chain, and has the policies decide upon what is seen; changes nothing. */
final class TreasuryObserver {
  private final JsonRpc node;
  private final Optional<Wallet> wallet;
  private final Chain chain;
  private final HotWallet hotWallet;
  private final EtherPrice price;
  private final SwapConfig swapConfig;
  private final UsdcConfig usdcConfig;
  private final Transactions transactions;
  private final Clock clock;
  private final Policy policy;
  private final SwapPolicy swapPolicy;

  TreasuryObserver(
      JsonRpc node,
      Optional<Wallet> wallet,
      Chain chain,
      HotWallet hotWallet,
      EtherPrice price,
      TreasuryConfig config,
      SwapConfig swapConfig,
      UsdcConfig usdcConfig,
      Transactions transactions,
      Clock clock) {
    this.node = node;
    this.wallet = wallet;
    this.chain = chain;
    this.hotWallet = hotWallet;
    this.price = price;
    this.swapConfig = swapConfig;
    this.usdcConfig = usdcConfig;
    this.transactions = transactions;
    this.clock = clock;
    this.policy = new Policy(config);
    this.swapPolicy = new SwapPolicy(swapConfig, config.maxGasPrice(), config.gasLimit());
  }

  TreasuryView look(TreasuryView before, Sweeps sweeps, long chainId)
      throws IOException, InterruptedException {
    BigInteger gasPrice = JsonRpc.number(node.latestBlock().path("baseFeePerGas"));
    Optional<ChainView.Snapshot> snapshot = chain.latest();
    Optional<Policy.Seen> seen = seen(snapshot, gasPrice);
    Optional<SwapPolicy.Seen> swapSeen = swapSeen(gasPrice);
    long round = snapshot.map(ChainView.Snapshot::lastInitializedRound).orElse(before.round());
    return new TreasuryView(
        wallet.map(Wallet::address),
        seen,
        seen.isEmpty() || isUnderWay("fund", "fill_hot")
            ? TreasuryView.NOTHING.decision()
            : policy.decide(seen.get()),
        Optional.of(gasPrice),
        swapSeen,
        swapSeen.isEmpty() || isUnderWay("approve", "swap")
            ? new SwapPolicy.Decision.Nothing()
            : swap(swapSeen.get()),
        sweeps.signs(),
        sweeps.look(gasPrice),
        chainId,
        round,
        round == before.round() ? before.roundSince() : clock.instant());
  }

  private Optional<Policy.Seen> seen(Optional<ChainView.Snapshot> snapshot, BigInteger gasPrice)
      throws IOException, InterruptedException {
    Optional<Address> broker = chain.broker();
    Optional<Wallet> hot = hotWallet.get();
    if (snapshot.isEmpty() || broker.isEmpty() || hot.isEmpty() || wallet.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Policy.Seen(
            hot.get().address(),
            broker.get(),
            snapshot.get().deposit(),
            snapshot.get().reserve(),
            balance(hot.get().address()),
            balance(wallet.get().address()),
            gasPrice,
            lastDay("sum(value)", "true")));
  }

  private Optional<SwapPolicy.Seen> swapSeen(BigInteger gasPrice)
      throws IOException, InterruptedException {
    if (wallet.isEmpty() || swapConfig.router().isEmpty()) {
      return Optional.empty();
    }
    Address own = wallet.get().address();
    Address router = Address.parse(swapConfig.router().get());
    return Optional.of(
        new SwapPolicy.Seen(
            balance(own),
            number(usdcConfig.token(), SwapCalls.balanceOf(own)),
            number(usdcConfig.token(), SwapCalls.allowance(own, router)),
            price.dollarsPerEther(),
            gasPrice,
            lastDay("sum(token_amount)", "kind = 'swap'")));
  }

  private SwapPolicy.Decision swap(SwapPolicy.Seen seen) throws IOException, InterruptedException {
    SwapPolicy.Decision decided = swapPolicy.decide(seen);
    return decided instanceof SwapPolicy.Decision.Swap swap && swapConfig.quoter().isPresent()
        ? swapPolicy.quoted(
            swap,
            number(
                swapConfig.quoter().get(),
                SwapCalls.quote(
                    Address.parse(usdcConfig.token()),
                    Address.parse(swapConfig.weth()),
                    swapConfig.poolFee(),
                    swap.amount())))
        : decided;
  }

  /** What is under way is not seen yet: deciding upon what is seen would count it twice. */
  private boolean isUnderWay(String... kinds) {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select 1 from intent where kind = any($1)"
                        + " and status in ('planned', 'signed', 'sent', 'confirmed') limit 1",
                    (Object) kinds))
        .isPresent();
  }

  private BigInteger balance(Address of) throws IOException, InterruptedException {
    return JsonRpc.number(node.ask("eth_getBalance", JsonRpc.parameters(of.lowerCase(), "latest")));
  }

  private BigInteger number(String contract, String call) throws IOException, InterruptedException {
    byte[] answer = node.call(contract, call);
    if (answer.length < 32) {
      throw new IOException("a contract answered too little: " + contract);
    }
    return new BigInteger(1, answer, 0, 32);
  }

  /** By intents of the last 24 hours, whatever became of them, as long as they may be mined. */
  private BigInteger lastDay(String sum, String which) {
    return transactions
        .run(
            tx ->
                tx.one(
                    "select coalesce("
                        + sum
                        + ", 0) v from intent where created_at > $1 and "
                        + which
                        + " and status not in ('reverted', 'replaced', 'expired')",
                    clock.instant().minus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC)))
        .orElseThrow()
        .getBigDecimal("v")
        .toBigIntegerExact();
  }
}
