package io.naap.clearinghouse.treasury;

import static io.naap.clearinghouse.treasury.TreasuryChain.FUNDING;
import static io.naap.clearinghouse.treasury.TreasuryChain.MILLI;
import static io.naap.clearinghouse.treasury.TreasuryChain.ask;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
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

/** A treasury that has no key of the deposit addresses: it tells what is to be signed elsewhere. */
@QuarkusTest
@TestProfile(UnsignedSweepsTest.KeysElsewhere.class)
class UnsignedSweepsTest {
  private static final BigInteger AMOUNT = BigInteger.valueOf(300_000_000);

  /** Has no key file. */
  public static final class KeysElsewhere extends OnChain {
    public KeysElsewhere() {
      super(Map.of(TreasuryChain.WITHOUT_KEYS, "true"));
    }
  }

  @Inject Ledger ledger;
  @Inject Verifier verifier;

  @Test
  void whatIsExportedIsSignedElsewhereAndBookedWhenItArrives() {
    String tenant = Samples.tenant();
    Address address = Address.parse(Samples.usdcAddress(tenant));
    TreasuryChain.mint(address, 300);
    await("told", () -> sweep(address) != null);
    Map<String, Object> sweep = sweep(address);
    @SuppressWarnings("unchecked")
    Map<String, Object> unsigned = (Map<String, Object>) sweep.get("unsigned");

    assertThat(sweeps().getBoolean("signed_here")).isFalse();
    assertThat(sweeps().getString("to")).isEqualToIgnoringCase(FUNDING.toString());
    assertThat(sweep)
        .containsEntry("tenant_id", tenant)
        .containsEntry("amount", AMOUNT.toString())
        .hasEntrySatisfying(
            "path", path -> assertThat(path.toString()).matches("m/44'/60'/0'/0/[0-9]+"));
    assertThat(unsigned)
        .containsEntry("chain_id", 42_000)
        .hasEntrySatisfying(
            "to", to -> assertThat(to.toString()).isEqualToIgnoringCase(TreasuryChain.usdc))
        .containsEntry(
            "data",
            "0xa9059cbb"
                + "0".repeat(24)
                + FUNDING.lowerCase().substring(2)
                + "%064x".formatted(AMOUNT));
    assertThat(report().getList("planned.reason", String.class))
        .anySatisfy(reason -> assertThat(reason).contains("to be signed elsewhere"));

    signElsewhere(address, unsigned);
    await("swept", () -> ask(TreasuryChain.usdc, "balanceOf(address)", address).signum() == 0);
    await("booked", () -> balance("usdc_treasury").negate().equals(nanos(300)));

    assertThat(balance("usdc").signum()).isZero();
    await("no longer told", () -> sweep(address) == null);
    // Neither ether for gas nor a transfer was ever begun from here.
    assertThat(
            ledger
                .<Long>read(
                    tx ->
                        tx.one("select count(*) n from intent where kind like 'sweep%'")
                            .orElseThrow()
                            .getLong("n"))
                .longValue())
        .isZero();
    assertThat(verifier.verify().ok()).as(verifier.verify().toString()).isTrue();
  }

  /** What a person with a hardware wallet does: gas, and the transaction as it was exported. */
  private static void signElsewhere(Address address, Map<String, Object> unsigned) {
    TreasuryChain.anvil.call("anvil_setBalance", address.lowerCase(), "0x" + MILLI.toString(16));
    TreasuryChain.anvil.call("anvil_impersonateAccount", address.lowerCase());
    TreasuryChain.anvil.call(
        "eth_sendTransaction",
        Map.of(
            "from",
            address.lowerCase(),
            "to",
            unsigned.get("to"),
            "data",
            unsigned.get("data"),
            "gas",
            "0x" + Long.toHexString(Long.parseLong(unsigned.get("gas_limit").toString()))));
  }

  private static JsonPath sweeps() {
    return given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/treasury/sweeps")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private static Map<String, Object> sweep(Address from) {
    return sweeps().<Map<String, Object>>getList("data").stream()
        .filter(one -> from.toString().equals(one.get("from")))
        .findFirst()
        .orElse(null);
  }

  private static JsonPath report() {
    return given()
        .auth()
        .oauth2(Samples.operator())
        .get("/v1/treasury")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private BigInteger balance(String cash) {
    return ledger.read(
        tx ->
            tx.one("select balance from account where owner = $1 and kind = 'cash'", cash)
                .map(row -> row.getBigDecimal("balance").toBigIntegerExact())
                .orElse(BigInteger.ZERO));
  }

  private static BigInteger nanos(long dollars) {
    return BigInteger.valueOf(dollars).multiply(BigInteger.TEN.pow(9));
  }

  private static void await(String what, BooleanSupplier condition) {
    OnChain.await(what, condition, () -> sweeps().prettify());
  }
}
