package io.naap.clearinghouse.wallet;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The wallet that signs tickets and owns the deposit, opened once at start-up. */
@ApplicationScoped
public class HotWallet {
  private final Optional<Wallet> wallet;

  HotWallet(HotWalletConfig config) {
    this.wallet = Wallet.configured(config);
  }

  /** Absent when no wallet is configured: then nothing is signed. */
  public Optional<Wallet> get() {
    return wallet;
  }
}
