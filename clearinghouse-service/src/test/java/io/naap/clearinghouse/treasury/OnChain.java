package io.naap.clearinghouse.treasury;

import static io.restassured.RestAssured.given;

import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.identity.Role;
import io.naap.contracts.testing.Stores;
import io.naap.contracts.testing.Tokens;
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

  /** A tenant's deposit address. */
  static Address address(String tenant) {
    return Address.parse(
        given()
            .auth()
            .oauth2(Tokens.of(tenant, Role.BILLING))
            .get("/v1/payments/usdc-address")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath()
            .getString("address"));
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
