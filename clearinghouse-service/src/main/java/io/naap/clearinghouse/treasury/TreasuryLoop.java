package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Wallet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The rounds of the treasury, on one thread: {@code bring intents on -> post -> observe -> report
 * -> compare -> plan}. Everything that must survive a crash is in Postgres.
 */
final class TreasuryLoop {
  private final Stages stages;
  private final JsonRpc node;
  private final IntentPosting posting;
  private final WalletReconciliation reconciliation;
  private final Optional<Wallet> fundingWallet;
  private final Connector connector;
  private volatile TreasuryView view = TreasuryView.NOTHING;
  private volatile List<WalletReconciliation.Compared> compared = List.of();
  private Optional<Intents> funding = Optional.empty();
  private Sweeps sweeps;
  private long chainId;

  /** The stages of a round that need no wallet. */
  record Stages(
      TreasurySettings settings,
      TreasuryStore store,
      TreasuryObserver observer,
      TreasuryReporter reporter,
      TreasuryPlanning planning,
      HotWallet hotWallet,
      ClearinghouseMetrics metrics) {}

  /** Makes what needs the chain's id. */
  interface Connector {
    Intents intents(Wallet wallet, long chainId);

    Sweeps sweeps(long chainId);
  }

  TreasuryLoop(
      Stages stages,
      JsonRpc node,
      IntentPosting posting,
      WalletReconciliation reconciliation,
      Optional<Wallet> fundingWallet,
      Connector connector) {
    this.stages = stages;
    this.node = node;
    this.posting = posting;
    this.reconciliation = reconciliation;
    this.fundingWallet = fundingWallet;
    this.connector = connector;
  }

  TreasuryView view() {
    return view;
  }

  List<WalletReconciliation.Compared> compared() {
    return compared;
  }

  /** One round. What is under way goes first, so that nothing newly planned delays it. */
  void round() throws IOException, InterruptedException {
    if (chainId == 0) {
      chainId = JsonRpc.number(node.ask("eth_chainId", JsonRpc.parameters())).longValueExact();
      funding = fundingWallet.map(wallet -> connector.intents(wallet, chainId));
      sweeps = connector.sweeps(chainId);
    }
    boolean begin = stages.store().paused().isEmpty();
    if (funding.isPresent()) {
      funding.get().round(begin);
    }
    sweeps.round(begin);
    posting.post();
    TreasuryView before = view;
    view = stages.observer().observe(node, fundingWallet, before, sweeps, chainId);
    stages.reporter().report(before, view);
    compare();
    if (stages.settings().treasury().enabled() && begin) {
      stages.planning().plan(view, funding.orElseThrow(), sweeps);
    }
  }

  private void compare() throws IOException, InterruptedException {
    Map<String, Address> roles = new TreeMap<>();
    stages.hotWallet().get().ifPresent(hot -> roles.put("hot_wallet", hot.address()));
    fundingWallet.ifPresent(own -> roles.put("funding_wallet", own.address()));
    compared = List.copyOf(reconciliation.compare(roles, compared));
    compared.forEach(one -> stages.metrics().etherUnexplained(one.role(), one.unexplained()));
  }
}
