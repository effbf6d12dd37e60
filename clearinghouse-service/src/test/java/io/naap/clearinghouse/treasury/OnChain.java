package io.naap.clearinghouse.treasury;

import io.naap.contracts.testing.Stores;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A service of its own on a chain of its own: what all other tests share may not act. */
public abstract class OnChain implements QuarkusTestProfile {
  private final Map<String, String> chain;

  /**
   * @param chain arguments of {@link TreasuryChain}
   */
  protected OnChain(Map<String, String> chain) {
    this.chain = chain;
  }

  @Override
  public List<TestResourceEntry> testResources() {
    return List.of(
        new TestResourceEntry(Stores.class), new TestResourceEntry(TreasuryChain.class, chain));
  }

  @Override
  public boolean disableGlobalTestResources() {
    return true;
  }

  /** Waits; time passes on the chain too. */
  static void await(String what, BooleanSupplier condition, Supplier<String> told) {
    for (int look = 0; look < 300; look++) {
      TreasuryChain.anvil.call("anvil_mine", "0x1");
      if (condition.getAsBoolean()) {
        return;
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException stopped) {
        throw new AssertionError(stopped);
      }
    }
    throw new AssertionError("not in 30 seconds: " + what + "; " + told.get());
  }
}
