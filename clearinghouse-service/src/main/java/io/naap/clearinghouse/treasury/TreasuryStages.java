package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.wallet.HotWallet;
import jakarta.inject.Singleton;

/** The stages of the treasury's rounds, as beans. */
@Singleton
class TreasuryStages {
  private final TreasuryLoop.Stages stages;

  TreasuryStages(
      TreasurySettings settings,
      TreasuryStore store,
      TreasuryObserver observer,
      TreasuryReporter reporter,
      TreasuryPlanning planning,
      HotWallet hotWallet,
      ClearinghouseMetrics metrics) {
    this.stages =
        new TreasuryLoop.Stages(settings, store, observer, reporter, planning, hotWallet, metrics);
  }

  TreasuryLoop.Stages get() {
    return stages;
  }
}
