package io.naap.clearinghouse.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import io.smallrye.config.WithDefault;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What Livepeer's deployed contracts are called by and where they are (protocol repository,
 * deployments/arbitrumMainnet), held against what we call, and against our stand-ins.
 */
class ContractFactsTest {
  private static final String TICKET = "(address,address,uint256,uint256,uint256,bytes32,bytes)";

  /** All of the TicketBroker's functions. */
  private static final Map<String, String> FUNCTIONS =
      Map.ofEntries(
          Map.entry("batchRedeemWinningTickets(" + TICKET + "[],bytes[],uint256[])", "0xd01b808e"),
          Map.entry("cancelUnlock()", "0xc2c4c2c8"),
          Map.entry("claimableReserve(address,address)", "0x81779f38"),
          Map.entry("claimedReserve(address,address)", "0x4ac826da"),
          Map.entry("controller()", "0xf77c4791"),
          Map.entry("fundDeposit()", "0x6caa736b"),
          Map.entry("fundDepositAndReserve(uint256,uint256)", "0x511f4073"),
          Map.entry("fundDepositAndReserveFor(address,uint256,uint256)", "0x989f789c"),
          Map.entry("fundReserve()", "0x6f9c3c8f"),
          Map.entry("getReserveInfo(address)", "0x5b6333eb"),
          Map.entry("getSenderInfo(address)", "0xe1a589da"),
          Map.entry("getTicketHash(" + TICKET + ")", "0xb03fa864"),
          Map.entry("isUnlockInProgress(address)", "0x121cdcc2"),
          Map.entry("redeemWinningTicket(" + TICKET + ",bytes,uint256)", "0xec8b3cb6"),
          Map.entry("setController(address)", "0x92eefe9b"),
          Map.entry("setTicketValidityPeriod(uint256)", "0xc9297808"),
          Map.entry("setUnlockPeriod(uint256)", "0x3d0ddf84"),
          Map.entry("targetContractId()", "0x51720b41"),
          Map.entry("ticketValidityPeriod()", "0x856a2cf8"),
          Map.entry("unlock()", "0xa69df4b5"),
          Map.entry("unlockPeriod()", "0x20d3a0b4"),
          Map.entry("usedTickets(bytes32)", "0x59a515ba"),
          Map.entry("withdraw()", "0x3ccfd60b"));

  /** Those of the other contracts that a clearinghouse may ask. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("getContract(bytes32)", "0xe16c7d98"),
          Map.entry("paused()", "0x5c975abb"),
          Map.entry("lastInitializedRound()", "0x8807f36e"),
          Map.entry("blockHashForRound(uint256)", "0x3aa4add4"),
          Map.entry("currentRound()", "0x8a19c8bc"),
          Map.entry("currentRoundInitialized()", "0x219bc76c"),
          Map.entry("currentRoundStartBlock()", "0x8fa148f2"),
          Map.entry("roundLength()", "0x8b649b94"),
          Map.entry("getTranscoderPoolSize()", "0x2a4e0d55"),
          Map.entry("isActiveTranscoder(address)", "0x08802374"),
          Map.entry("isRegisteredTranscoder(address)", "0x68ba170c"),
          Map.entry("getServiceURI(address)", "0x214c2a4b"));

  /** The TicketBroker's events, and that of a new round. */
  private static final Map<String, String> EVENTS =
      Map.ofEntries(
          Map.entry(
              "DepositFunded(address,uint256)",
              "0x5159e237d952190e68d5215430f305831be7c9c8776d1377c76679ae4773413f"),
          Map.entry(
              "ParameterUpdate(string)",
              "0x9f5033568d78ae30f29f01e944f97b2216493bd19d1b46d429673acff3dcd674"),
          Map.entry(
              "ReserveClaimed(address,address,uint256)",
              "0x5c2b394723f408a40a60335e24b71829642e35f350cebe2036a96a66e895ea98"),
          Map.entry(
              "ReserveFunded(address,uint256)",
              "0xb52b99b9e83551fcbd069b559cc3e823e2a1a3bad8ece46561ea77524394c850"),
          Map.entry(
              "SetController(address)",
              "0x4ff638452bbf33c012645d18ae6f05515ff5f2d1dfb0cece8cbf018c60903f70"),
          Map.entry(
              "Unlock(address,uint256,uint256)",
              "0xf7870c5b224cbc19873599e46ccfc7103934650509b1af0c3ce90138377c2004"),
          Map.entry(
              "UnlockCancelled(address)",
              "0xfa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e5"),
          Map.entry(
              "WinningTicketRedeemed(address,address,uint256,uint256,uint256,uint256,bytes)",
              "0xc389eb51ed006dbf2528507f010efdf5225ea596e1e1741d74f550dab1925ee7"),
          Map.entry(
              "WinningTicketTransfer(address,address,uint256)",
              "0x8b87351a208c06e3ceee59d80725fd77a23b4129e1b51ca231fc89b40712649c"),
          Map.entry(
              "Withdrawal(address,uint256,uint256)",
              "0xdf273cb619d95419a9cd0ec88123a0538c85064229baa6363788f743fff90deb"),
          Map.entry(
              "NewRound(uint256,bytes32)",
              "0x22f2fc17c5daf07db2379b3a03a8ef20a183f761097a58fce219c8a14619e786"));

  /** Under what name the Controller knows where the others are. */
  private static final Map<String, String> NAMES =
      Map.of(
          "TicketBroker", "bd1aa3e8d2464256d7fd3dcf645c16418d5d8c51d971f1ad7d57e7b1b5eee239",
          "RoundsManager", "e8438ea868df48e3fc21f2f087b993c9b1837dc0f6135064161ce7d7a1701fe8",
          "BondingManager", "2517d59a36a86548e38734e8ab416f42afff4bca78706a66ad65750dae7f9e37",
          "ServiceRegistry", "79c5d2a4a07754f4bacb0ffba18ac516030ee589ebc89db8627680c4d4cdb230",
          "Minter", "6e58ad548d72b425ea94c15f453bf26caddb061d82b2551db7fdd3cefe0e9940");

  /** Everything of Livepeer's on Arbitrum, and the controller of the old network. */
  private static final List<String> ADDRESSES =
      List.of(
          "0xD8E8328501E9645d16Cf49539efC04f734606ee4",
          "0xa8bB618B1520E284046F3dFc448851A1Ff26e41B",
          "0xea1b0F6c8D158328a6e3D3F924B86A759F41465c",
          "0xdd6f56DcC28D3F5f27084381fE8Df634985cc39f",
          "0x92d804Ed49D92438aEA6fe552BD9163aacb7E841",
          "0x35Bcf3c30594191d53231E4FF333E8A770453e40",
          "0x6b397f20DC227B4E23fEc20BBDBe166d0DFFC452",
          "0xC92d3A360b8f9e083bA64DE15d95Cf8180897431",
          "0xc20DE37170B45774e6CD3d2304017fc962f27252",
          "0xD9dEd6f9959176F0A04dcf88a0d2306178A736a6",
          "0xcFE4E2879B786C3aa075813F0E364bb5acCb6aa0",
          "0xf82C1FF415F1fCf582554fDba790E27019c8E8C4",
          "0x0B9C254837E72Ebe9Fe04960C43B69782E68169A",
          "0x04C0b249740175999E5BF5c9ac1dA92431EF34C5");

  @Test
  void functionsAndEventsAreCalledByTheirSignatures() {
    FUNCTIONS.forEach(
        (signature, selector) ->
            assertThat(Abi.selector(signature)).as(signature).isEqualTo(selector));
    ELSEWHERE.forEach(
        (signature, selector) ->
            assertThat(Abi.selector(signature)).as(signature).isEqualTo(selector));
    EVENTS.forEach(
        (signature, topic) -> assertThat(Abi.topic(signature)).as(signature).isEqualTo(topic));
  }

  @Test
  void theControllerKnowsTheOthersByTheHashOfTheirNames() {
    NAMES.forEach(
        (name, id) ->
            assertThat(
                    HexFormat.of().formatHex(Keccak.hash(name.getBytes(StandardCharsets.US_ASCII))))
                .as(name)
                .isEqualTo(id));
  }

  @Test
  void addressesAreWrittenWithTheirChecksum() {
    for (String address : ADDRESSES) {
      assertThat(Address.parse(address)).hasToString(address);
      assertThat(Address.parse(address.toLowerCase(java.util.Locale.ROOT))).hasToString(address);
    }
    assertThat(Address.parse("0xf96d54e490317c557a967abfa5d6e33006be69b3").lowerCase())
        .isEqualTo("0xf96d54e490317c557a967abfa5d6e33006be69b3");
  }

  @Test
  void withoutConfigurationTheControllerIsThatOfArbitrum() throws NoSuchMethodException {
    assertThat(ChainConfig.class.getMethod("controller").getAnnotation(WithDefault.class).value())
        .isEqualTo(ADDRESSES.getFirst());
  }

  /** A test against a contract of another interface would prove nothing. */
  @Test
  void theStandInAnswersAndEmitsWhatTheDeployedContractDoes() {
    String code = Contracts.code("TicketBroker");
    for (String function :
        List.of(
            "fundDeposit()",
            "fundReserve()",
            "fundDepositAndReserve(uint256,uint256)",
            "fundDepositAndReserveFor(address,uint256,uint256)",
            "unlock()",
            "cancelUnlock()",
            "withdraw()",
            "getSenderInfo(address)",
            "getTicketHash(" + TICKET + ")",
            "redeemWinningTicket(" + TICKET + ",bytes,uint256)")) {
      assertThat(code).as(function).contains("63" + FUNCTIONS.get(function).substring(2));
    }
    EVENTS.forEach(
        (event, topic) -> {
          if (!List.of(
                  "ParameterUpdate(string)", "SetController(address)", "NewRound(uint256,bytes32)")
              .contains(event)) {
            assertThat(code).as(event).contains("7f" + topic.substring(2));
          }
        });
  }
}
