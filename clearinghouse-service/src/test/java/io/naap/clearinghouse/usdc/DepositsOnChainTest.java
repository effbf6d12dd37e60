package io.naap.clearinghouse.usdc;

import static io.naap.clearinghouse.chain.Contracts.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.Contracts;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.neighbour.Unguarded;
import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.testing.Anvil;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The token's own events, from a real EVM that also takes them back. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(UsdcParts.class)
class DepositsOnChainTest {
  @Inject Deposits deposits;
  @Inject UsdcConfig config;
  @Inject Ledger ledger;
  private Anvil anvil;
  private JsonRpc node;

  @BeforeEach
  void start() {
    ledger.read(tx -> tx.change("delete from chain_cursor where name = 'usdc'"));
    anvil = Anvil.start(31_337);
    node = new JsonRpc(anvil.url(), new Unguarded());
    String deployed = Contracts.deploy(anvil, "Usdc", BigInteger.ZERO);
    anvil.setCode(config.token(), anvil.call("eth_getCode", deployed, "latest").asText());
  }

  @AfterEach
  void stop() {
    ledger.read(tx -> tx.change("delete from chain_cursor where name = 'usdc'"));
    anvil.close();
  }

  @Test
  void aTransferIsCreditedOnceItsBlockIsFinalAndOneThatWasTakenBackIsNot() throws Exception {
    String tenant = Samples.tenant();
    Address address = Address.parse(Samples.usdcAddress(tenant));
    anvil.call("anvil_mine", "0x100");
    look();

    mint(address, 5_000_000);
    anvil.call("anvil_mine", "0x8");
    look();
    assertThat(Samples.balance(tenant)).as("not final").startsWith("available 0.00,");
    String before = anvil.call("evm_snapshot").asText();
    mint(address, 7_000_000);
    anvil.call("anvil_mine", "0x8");
    look();
    anvil.call("evm_revert", before);
    anvil.call("anvil_mine", "0x100");
    look();
    look();

    assertThat(Samples.balance(tenant)).startsWith("available 5.00,");
  }

  private void look() throws Exception {
    while (deposits.look(node)) {
      assertThat(anvil.chainId()).isPositive();
    }
  }

  private void mint(Address to, long amount) {
    send(
        anvil,
        Contracts.DEPLOYER,
        config.token(),
        BigInteger.ZERO,
        Abi.selector("mint(address,uint256)")
            + Abi.word(to)
            + Abi.word(BigInteger.valueOf(amount)));
  }
}
