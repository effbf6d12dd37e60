package io.naap.clearinghouse.treasury;

import static io.naap.clearinghouse.treasury.TreasuryChain.FUNDING;
import static io.naap.clearinghouse.treasury.TreasuryChain.MILLI;
import static io.naap.clearinghouse.treasury.TreasuryChain.ask;
import static io.naap.clearinghouse.treasury.TreasuryChain.mint;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.chain.Contracts;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.Verifier;
import io.naap.clearinghouse.wallet.Address;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * The service itself, allowed to act, on a chain with Livepeer's, a token's and a router's rules.
 */
@QuarkusTest
@TestProfile(TreasuryOnChainTest.Acting.class)
class TreasuryOnChainTest {
  /** May act. */
  public static final class Acting extends OnChain {
    public Acting() {
      super(Map.of());
    }
  }

  @Inject Ledger ledger;
  @Inject Verifier verifier;

  @Test
  void aTenantsDollarsAreSweptAndBecomeEtherAndEveryStepIsBooked() {
    steady();
    String tenant = Samples.tenant();
    Address address = Address.parse(Samples.usdcAddress(tenant));
    BigInteger spent = balance("ether", "cash").negate();
    BigInteger kept = balance("usdc_treasury", "cash").negate();
    BigInteger there = ask(TreasuryChain.usdc, "balanceOf(address)", FUNDING);
    TreasuryChain.balance(300);

    mint(address, 1_000);
    await("swept", () -> ask(TreasuryChain.usdc, "balanceOf(address)", address).signum() == 0);
    await("swapped", () -> balance("ether", "cash").negate().compareTo(spent) > 0);
    steady();

    assertThat(Samples.balance(tenant)).startsWith("available 1000.00,");
    assertThat(balance("usdc", "cash")).isEqualTo(BigInteger.ZERO);
    BigInteger swapped = balance("ether", "cash").negate().subtract(spent);
    // About 0.1 ether was missing: 250 dollars' worth.
    assertThat(swapped).isBetween(nanos(249), nanos(256));
    assertThat(balance("usdc_treasury", "cash").negate())
        .isEqualTo(kept.add(nanos(1_000)).subtract(swapped));
    assertThat(
            ask(TreasuryChain.usdc, "balanceOf(address)", FUNDING)
                .subtract(there)
                .multiply(BigInteger.valueOf(1_000)))
        .isEqualTo(balance("usdc_treasury", "cash").negate().subtract(kept));
    assertThat(allowance()).isLessThanOrEqualTo(BigInteger.valueOf(2_000_000_000));
    assertThat(ether(FUNDING)).isBetween(milli(395), milli(401));
    assertThat(verifier.verify().ok()).as(verifier.verify().toString()).isTrue();
  }

  @Test
  void depositAndReserveAreFilledOnceAndTheLedgerFollowsTheContract() {
    steady();
    await("filled", () -> report().getString("deposit.amount") != null);

    assertThat(report().getString("deposit.amount")).isEqualTo("0.2");
    assertThat(report().getString("reserve.amount")).isEqualTo("0.4");
    String hot = report().getString("hot_wallet").toLowerCase(java.util.Locale.ROOT);
    await("booked", () -> balance(hot, "deposit").equals(milli(200)));
    assertThat(balance(hot, "reserve")).isEqualTo(milli(400));
    assertThat(count("fund")).isEqualTo(1);
  }

  @Test
  void etherThatNoIntentOfOursMovedIsADifferenceWithItsNameToTheWei() {
    steady();
    await("followed", () -> unexplained("funding wallet") != null);
    BigInteger before = unexplained("funding wallet");
    BigInteger gift = milli(7).add(BigInteger.valueOf(123));

    Contracts.send(TreasuryChain.anvil, Contracts.DEPLOYER, FUNDING.lowerCase(), gift, "0x");
    await("named", () -> unexplained("funding wallet").equals(before.add(gift)));

    // What the treasury does itself, with its gas and the ether it sends for gas, adds nothing to
    // it.
    long sweeps = count("sweep");
    mint(Address.parse(Samples.usdcAddress(Samples.tenant())), 300);
    await("swept", () -> count("sweep") > sweeps);
    steady();
    String funding = FUNDING.lowerCase();
    await(
        "booked",
        () -> ether(FUNDING).subtract(balance(funding, "wallet")).equals(before.add(gift)));
    await("compared", () -> unexplained("funding wallet").equals(before.add(gift)));
    assertThat(unexplained("hot wallet")).isEqualTo(BigInteger.ZERO);
    assertThat(verifier.verify().ok()).as(verifier.verify().toString()).isTrue();
  }

  /** In wei, as the reconciliation tells it; null before the wallet is followed. */
  private static BigInteger unexplained(String role) {
    String amount =
        operator()
            .get("/v1/reconciliation/days?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath()
            .getString(
                "differences.find { it.name == 'ether of the %s beyond the ledger\\'s' }.amount"
                    .formatted(role));
    return amount == null ? null : new BigInteger(amount);
  }

  @Test
  void aPauseBeginsNothingAndTellsWhatWouldBeDone() throws Exception {
    steady();
    String tenant = Samples.tenant();
    Address address = Address.parse(Samples.usdcAddress(tenant));
    operator().body("{\"reason\":\"a test\"}").post("/v1/treasury/pause").then().statusCode(204);
    long before = count("sweep") + count("sweep_gas");
    mint(address, 300);
    await("told", () -> sweeps().getList("data.from", String.class).contains(address.toString()));

    Thread.sleep(500);
    JsonPath sweeps = sweeps();
    int at = sweeps.getList("data.from", String.class).indexOf(address.toString());
    assertThat(sweeps.getBoolean("signed_here")).isTrue();
    assertThat(sweeps.getString("data[" + at + "].amount")).isEqualTo("300000000");
    assertThat(sweeps.getString("data[" + at + "].path")).startsWith("m/44'/60'/0'/0/");
    assertThat(sweeps.getString("data[" + at + "].unsigned.data"))
        .isEqualTo(
            "0xa9059cbb"
                + "0".repeat(24)
                + FUNDING.lowerCase().substring(2)
                + "%064x".formatted(300_000_000));
    assertThat(count("sweep") + count("sweep_gas")).isEqualTo(before);
    assertThat(report().getList("planned.kind", String.class)).containsAnyOf("sweep_gas", "sweep");

    operator().delete("/v1/treasury/pause").then().statusCode(204);
    await("swept", () -> ask(TreasuryChain.usdc, "balanceOf(address)", address).signum() == 0);
  }

  @Test
  void aPoolThatWasMovedIsNotSwappedWith() throws Exception {
    steady();
    TreasuryChain.price(
        TreasuryChain.FAIR.multiply(BigInteger.valueOf(99)).divide(BigInteger.valueOf(100)));
    long before = count("swap");
    mint(FUNDING, 500);
    TreasuryChain.balance(300);

    await(
        "held",
        () ->
            report().getList("alerts", String.class).stream()
                .anyMatch(text -> text.contains("within slippage")));
    Thread.sleep(300);
    assertThat(count("swap")).isEqualTo(before);

    TreasuryChain.price(TreasuryChain.FAIR);
    await("swapped", () -> count("swap") > before);
    steady();
  }

  private static io.restassured.specification.RequestSpecification operator() {
    return given().auth().oauth2(Samples.operator()).contentType("application/json");
  }

  private static JsonPath report() {
    return operator().get("/v1/treasury").then().statusCode(200).extract().jsonPath();
  }

  private static JsonPath sweeps() {
    return operator().get("/v1/treasury/sweeps").then().statusCode(200).extract().jsonPath();
  }

  /** Until nothing is under way and nothing is to be done. */
  private void steady() {
    await(
        "steady",
        () ->
            report().getString("deposit.amount") != null
                && report().getList("planned").isEmpty()
                && number(
                        "select count(*) n from intent where status in ('planned', 'signed', 'sent', 'confirmed')")
                    == 0
                && number("select count(*) n from intent") > 0);
  }

  private static void await(String what, BooleanSupplier condition) {
    OnChain.await(what, condition, () -> report().prettify());
  }

  private BigInteger balance(String owner, String kind) {
    return ledger.read(
        tx ->
            tx.one("select balance from account where owner = $1 and kind = $2", owner, kind)
                .map(row -> row.getBigDecimal("balance").toBigIntegerExact())
                .orElse(BigInteger.ZERO));
  }

  private long count(String kind) {
    return number("select count(*) n from intent where kind = '" + kind + "'");
  }

  private long number(String sql) {
    return ledger.read(tx -> tx.one(sql).orElseThrow().getLong("n"));
  }

  private static BigInteger ether(Address of) {
    return new BigInteger(
        TreasuryChain.anvil.call("eth_getBalance", of.lowerCase(), "latest").asText().substring(2),
        16);
  }

  private static BigInteger allowance() {
    return new BigInteger(
        TreasuryChain.anvil
            .call(
                "eth_call",
                Map.of(
                    "to",
                    TreasuryChain.usdc,
                    "data",
                    SwapCalls.allowance(FUNDING, Address.parse(TreasuryChain.router))),
                "latest")
            .asText()
            .substring(2),
        16);
  }

  private static BigInteger milli(long ether) {
    return MILLI.multiply(BigInteger.valueOf(ether));
  }

  private static BigInteger nanos(long dollars) {
    return BigInteger.valueOf(dollars).multiply(BigInteger.TEN.pow(9));
  }
}
