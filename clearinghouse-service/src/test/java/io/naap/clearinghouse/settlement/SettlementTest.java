package io.naap.clearinghouse.settlement;

import static io.naap.clearinghouse.chain.Contracts.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.Chain;
import io.naap.clearinghouse.chain.ChainConfig;
import io.naap.clearinghouse.chain.Contracts;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.neighbour.Unguarded;
import io.naap.clearinghouse.signer.payment.SignedTickets;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.HotWallet;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.testing.Anvil;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The TicketBroker's rules on a real EVM, what our signer signs, and what we book of it. */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class SettlementTest {
  private static final BigInteger ETHER = BigInteger.TEN.pow(18);
  private static final BigInteger ALWAYS = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);
  private static final String RECIPIENT = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";

  /** Each its own, so that no two of their transactions have the same hash. */
  private static long chainId = 41_000;

  @Inject Ledger ledger;
  @Inject ChainConfig chainConfig;
  @Inject Chain chain;
  @Inject HotWallet hotWallet;
  @Inject Ids ids;
  @Inject Clock clock;
  private final Address sender = SignedTickets.sender();
  private Anvil anvil;
  private JsonRpc node;
  private String network;
  private String broker;
  private Settlement settlement;

  @BeforeEach
  void deploy() throws Exception {
    ledger.read(
        tx -> {
          tx.change("alter table chain_event disable trigger chain_event_append_only");
          tx.change("delete from chain_event");
          tx.change("alter table chain_event enable trigger chain_event_append_only");
          return tx.change("delete from chain_cursor where name like 'broker:%'");
        });
    anvil = Anvil.start(++chainId);
    node = new JsonRpc(anvil.url(), new Unguarded());
    network = Contracts.deploy(anvil, "Network", BigInteger.ZERO);
    broker =
        Contracts.deploy(anvil, "TicketBroker", BigInteger.ZERO, Abi.word(Address.parse(network)));
    call(network, "initializeRound(uint256)", BigInteger.valueOf(4_100));
    call(network, "register(address)", new BigInteger(RECIPIENT.substring(2), 16));
    settlement =
        new Settlement(new ThreeBlocks(), chainConfig, chain, hotWallet, ledger, ids, clock);
    anvil.call("anvil_mine", "0x8");
    look();
  }

  @AfterEach
  void stop() {
    anvil.close();
  }

  @Test
  void aWinningTicketOfOursRedeemsOnceAndIsBookedWhenItIsFinal() throws Exception {
    fund("2", "1");
    BigInteger before = booked(AccountKind.TICKETS_REDEEMED);
    byte[] secret = new byte[32];
    secret[31] = 7;
    String redemption = redemption(ETHER.divide(BigInteger.TWO), ALWAYS, 1, secret);

    send(anvil, Contracts.DEPLOYER, broker, BigInteger.ZERO, redemption);

    assertThat(feesOf(RECIPIENT)).isEqualTo(ETHER.divide(BigInteger.TWO));
    assertThatThrownBy(() -> send(anvil, Contracts.DEPLOYER, broker, BigInteger.ZERO, redemption))
        .hasMessageContaining("ticket is used");
    look();
    assertThat(booked(AccountKind.TICKETS_REDEEMED)).as("not final yet").isEqualTo(before);
    anvil.call("anvil_mine", "0x4");
    look();
    look();
    assertThat(booked(AccountKind.TICKETS_REDEEMED))
        .isEqualTo(before.add(ETHER.divide(BigInteger.TWO)));
    assertThat(settlement.compared())
        .hasValueSatisfying(one -> assertThat(one.isEven()).as(one.toString()).isTrue());
    assertThat(kinds()).isEqualTo("deposit_funded 1, redeemed 1, reserve_funded 1, transferred 1");
  }

  @Test
  void aTicketLargerThanTheDepositTakesItsShareOfTheReserve() throws Exception {
    fund("1", "2");

    send(
        anvil,
        Contracts.DEPLOYER,
        broker,
        BigInteger.ZERO,
        redemption(ETHER.multiply(BigInteger.valueOf(5)), ALWAYS, 1, new byte[32]));
    anvil.call("anvil_mine", "0x4");
    look();

    // All of the deposit, and a hundredth of the reserve: so many orchestrators share it.
    assertThat(booked(AccountKind.DEPOSIT)).isEqualTo(BigInteger.ZERO);
    assertThat(booked(AccountKind.RESERVE))
        .isEqualTo(ETHER.multiply(BigInteger.valueOf(198)).divide(BigInteger.valueOf(100)));
    assertThat(settlement.compared().orElseThrow().isEven()).isTrue();
  }

  @Test
  void whatDidNotWinOrIsNotOursIsRefusedByTheContract() {
    fund("2", "1");

    assertThatThrownBy(
            () ->
                send(
                    anvil,
                    Contracts.DEPLOYER,
                    broker,
                    BigInteger.ZERO,
                    redemption(ETHER, BigInteger.ONE, 1, new byte[32])))
        .hasMessageContaining("did not win");
    String other = redemption(ETHER, ALWAYS, 2, new byte[32]);
    String altered =
        other.substring(0, other.length() - 100) + "11" + other.substring(other.length() - 98);
    assertThatThrownBy(() -> send(anvil, Contracts.DEPLOYER, broker, BigInteger.ZERO, altered))
        .hasMessageContaining("invalid signature");
  }

  @Test
  void aReorganisationAboveTheFinalityChangesNothing() throws Exception {
    fund("2", "1");
    anvil.call("anvil_mine", "0x4");
    look();
    BigInteger deposit = booked(AccountKind.DEPOSIT);
    Object snapshot = anvil.call("evm_snapshot").asText();
    send(
        anvil,
        Contracts.DEPLOYER,
        broker,
        BigInteger.ZERO,
        redemption(ETHER, ALWAYS, 1, new byte[32]));
    look();

    anvil.call("evm_revert", snapshot);
    anvil.call("anvil_mine", "0x8");
    look();

    assertThat(booked(AccountKind.DEPOSIT)).isEqualTo(deposit);
    assertThat(settlement.compared().orElseThrow().isEven()).isTrue();
  }

  @Test
  void unlockingAndWithdrawingIsBooked() throws Exception {
    fund("2", "1");
    String from = sender.lowerCase();
    send(anvil, from, broker, BigInteger.ZERO, Abi.selector("unlock()"));
    call(network, "initializeRound(uint256)", BigInteger.valueOf(4_102));
    send(anvil, from, broker, BigInteger.ZERO, Abi.selector("withdraw()"));
    anvil.call("anvil_mine", "0x4");
    look();

    assertThat(booked(AccountKind.DEPOSIT)).isEqualTo(BigInteger.ZERO);
    assertThat(booked(AccountKind.RESERVE)).isEqualTo(BigInteger.ZERO);
    assertThat(kinds()).isEqualTo("deposit_funded 1, reserve_funded 1, unlocked 1, withdrawn 1");
  }

  private void look() throws Exception {
    while (settlement.look(node, Address.parse(broker), sender)) {
      assertThat(anvil.chainId()).isPositive();
    }
  }

  private void fund(String deposit, String reserve) {
    BigInteger one = ETHER.multiply(new BigInteger(deposit));
    BigInteger other = ETHER.multiply(new BigInteger(reserve));
    send(
        anvil,
        sender.lowerCase(),
        broker,
        one.add(other),
        Abi.selector("fundDepositAndReserve(uint256,uint256)") + Abi.word(one) + Abi.word(other));
  }

  private void call(String contract, String signature, BigInteger word) {
    send(
        anvil,
        Contracts.DEPLOYER,
        contract,
        BigInteger.ZERO,
        Abi.selector(signature) + Abi.word(word));
  }

  private BigInteger feesOf(String transcoder) {
    return read(network, Abi.selector("fees(address)") + Abi.word(Address.parse(transcoder)));
  }

  private BigInteger read(String contract, String data) {
    JsonNode answer = anvil.call("eth_call", Map.of("to", contract, "data", data), "latest");
    return new BigInteger(answer.asText().substring(2), 16);
  }

  /** The call an orchestrator makes with one of our tickets. */
  private String redemption(BigInteger faceValue, BigInteger winProb, long nonce, byte[] secret) {
    byte[] randHash = Keccak.hash(secret);
    BigInteger round = BigInteger.valueOf(4_100);
    String blockHash =
        "%064x"
            .formatted(read(network, Abi.selector("blockHashForRound(uint256)") + Abi.word(round)));
    String signature =
        SignedTickets.sign(
            Address.parse(RECIPIENT),
            faceValue,
            winProb,
            nonce,
            randHash,
            round.longValueExact(),
            HexFormat.of().parseHex(blockHash));
    return Abi.selector(
            "redeemWinningTicket((address,address,uint256,uint256,uint256,bytes32,bytes),bytes,uint256)")
        + word(0x60)
        + word(0x60 + 10 * 32)
        + HexFormat.of().formatHex(secret)
        + Abi.word(Address.parse(RECIPIENT))
        + Abi.word(sender)
        + Abi.word(faceValue)
        + Abi.word(winProb)
        + word(nonce)
        + HexFormat.of().formatHex(randHash)
        + word(7 * 32)
        + word(64)
        + Abi.word(round)
        + blockHash
        + word(65)
        + signature
        + "0".repeat(62);
  }

  private static String word(long value) {
    return Abi.word(BigInteger.valueOf(value));
  }

  private BigInteger booked(AccountKind kind) {
    return ledger.read(
        tx ->
            tx.one(
                    "select balance from account where owner = $1 and kind = $2",
                    sender.lowerCase(),
                    kind.wireName())
                .map(row -> row.getBigDecimal("balance").toBigIntegerExact())
                .orElse(BigInteger.ZERO));
  }

  private String kinds() {
    return ledger.read(
        tx ->
            tx.one(
                    "select string_agg(kind || ' ' || n, ', ' order by kind) t from"
                        + " (select kind, count(*) n from chain_event group by kind) k")
                .orElseThrow()
                .getString("t"));
  }

  private static final class ThreeBlocks implements SettlementConfig {
    @Override
    public int finalityBlocks() {
      return 3;
    }

    @Override
    public boolean finalizedTag() {
      return false;
    }

    @Override
    public int blocksAtOnce() {
      return 5;
    }

    @Override
    public Duration interval() {
      return Duration.ofHours(1);
    }
  }
}
