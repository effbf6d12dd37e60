package io.naap.clearinghouse.usdc;

import io.naap.clearinghouse.wallet.ExtendedKeyTest;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Deposits to the accounts every Ethereum test tool derives. */
public class UsdcParts implements QuarkusTestResourceLifecycleManager {
  @Override
  public Map<String, String> start() {
    try {
      return Map.of("naap.clearinghouse.usdc.xpub", ExtendedKeyTest.hardhatAccount());
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void stop() {
    // Nothing was started.
  }
}
