package io.naap.clearinghouse.treasury;

import io.naap.clearinghouse.usdc.UsdcConfig;
import io.naap.clearinghouse.wallet.Address;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The configuration that the parts of the treasury share. */
@Singleton
class TreasurySettings {
  private final TreasuryConfig treasury;
  private final SwapConfig swap;
  private final UsdcConfig usdc;

  TreasurySettings(TreasuryConfig treasury, SwapConfig swap, UsdcConfig usdc) {
    this.treasury = treasury;
    this.swap = swap;
    this.usdc = usdc;
  }

  TreasuryConfig treasury() {
    return treasury;
  }

  SwapConfig swap() {
    return swap;
  }

  UsdcConfig usdc() {
    return usdc;
  }

  Address usdcToken() {
    return Address.parse(usdc.token());
  }

  Address weth() {
    return Address.parse(swap.weth());
  }

  Optional<Address> swapRouter() {
    return swap.router().map(Address::parse);
  }
}
