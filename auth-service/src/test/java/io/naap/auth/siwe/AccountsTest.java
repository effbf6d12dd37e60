package io.naap.auth.siwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.auth.wallet.Address;
import io.naap.contracts.testing.Anvil;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies signatures against two real EVMs. */
class AccountsTest {
  private static final AtomicLong NEXT = new AtomicLong(50_000);
  private static final String ANY = "0x" + "ab".repeat(80);
  private static final String SALT = "5a".repeat(32);

  private static final Vertx VERTX = Vertx.vertx();
  private static Anvil mainnet;
  private static Anvil arbitrum;
  private static JsonRpcChains chains;
  private static Accounts accounts;

  private final TestWallet key = TestWallet.of(NEXT.incrementAndGet());
  private final String contract = TestWallet.of(NEXT.incrementAndGet()).address();

  @BeforeAll
  static void start() {
    mainnet = Anvil.start(1);
    arbitrum = Anvil.start(42161);
    chains =
        new JsonRpcChains(
            VERTX,
            Configs.siwe(
                Map.of("rpc.1", mainnet.url().toString(), "rpc.42161", arbitrum.url().toString())));
    accounts = new Accounts(chains);
  }

  @AfterAll
  static void stop() throws Exception {
    chains.close();
    mainnet.close();
    arbitrum.close();
    VERTX.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  // --- keys ---

  @Test
  void takesTheSignatureOfAKeyOnEveryChain() {
    for (long chainId : List.of(1L, 42161L)) {
      String text = text(key.address(), chainId);
      assertProven(judge(text, key.sign(text)), key.address());
    }
  }

  @Test
  void refusesTheKeyOfAnAddressThatIsAContract() {
    mainnet.setCode(key.address(), Evm.says("ffffffff"));
    String text = text(key.address(), 1);

    assertNotSigned(judge(text, key.sign(text)));
    String elsewhere = text(key.address(), 42161);
    assertProven(judge(elsewhere, key.sign(elsewhere)), key.address());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0x",
        "0x0",
        "0xzz",
        "abcd",
        "0x 00",
        "0X00",
        "\u0660\u0661",
        "0x\u0660\u0661",
        "0x\n"
      })
  void refusesWhatIsNoSignature(String signature) {
    assertNotSigned(judge(text(key.address(), 1), signature));
    assertNotSigned(judge(text(key.address(), 42161), signature));
  }

  @Test
  void refusesAnotherLengthForAnAccountWithAKey() {
    String text = text(key.address(), 1);
    String signature = key.sign(text);

    assertNotSigned(judge(text, signature.substring(0, 130)));
    assertNotSigned(judge(text, signature + "00"));
    assertNotSigned(judge(text, compact(signature)));
    assertNotSigned(judge(text, null));
  }

  @Test
  void refusesSignaturesThatAreTooLong() {
    mainnet.setCode(contract, Evm.yes());
    String text = text(contract, 1);

    assertProven(judge(text, "0x" + "ab".repeat(8192)), "eip155:1:" + contract);
    assertNotSigned(judge(text, "0x" + "ab".repeat(8193)));
  }

  // --- ERC-1271 ---

  @Test
  void asksADeployedContract() {
    mainnet.setCode(contract, Evm.ownedBy(key.address()));
    String text = text(contract, 1);

    assertProven(judge(text, key.sign(text)), "eip155:1:" + contract);
    assertNotSigned(judge(text, TestWallet.of(5).sign(text)));
    assertNotSigned(judge(text, key.sign(text + " ")));
  }

  @Test
  void takesAnswersThatAreLongerThanAWord() {
    mainnet.setCode(contract, Evm.yesInBytes(1 << 20));

    assertProven(judge(text(contract, 1), ANY), "eip155:1:" + contract);
  }

  static Stream<String> otherAnswers() {
    return Stream.of(
        Evm.says("ffffffff"),
        Evm.says("1626ba7f"),
        Evm.says("00000000"),
        Evm.saysWord("00".repeat(28) + "1626ba7e"),
        Evm.saysWord("1626ba7e" + "00".repeat(27) + "01"),
        Evm.saysWord("00".repeat(31) + "01"),
        Evm.yesInBytes(31),
        Evm.yesInBytes(4),
        Evm.yesInBytes(0),
        Evm.zeros(1 << 20),
        Evm.zeros(1 << 23),
        Evm.code("STOP"),
        Evm.reverts(),
        Evm.invalid(),
        Evm.burnsGas(),
        Evm.writes(),
        Evm.echoes());
  }

  @ParameterizedTest
  @MethodSource("otherAnswers")
  void takesNoOtherAnswerForAYes(String code) {
    mainnet.setCode(contract, code);

    assertNotSigned(judge(text(contract, 1), ANY));
    assertNotSigned(judge(text(contract, 1), TestWallet.of(5).sign("other")));
  }

  @Test
  void keepsAContractOnItsOwnChain() {
    mainnet.setCode(contract, Evm.ownedBy(key.address()));
    arbitrum.setCode(contract, Evm.yes());

    assertProven(judge(text(contract, 42161), ANY), "eip155:42161:" + contract);
    assertNotSigned(judge(text(contract, 1), ANY));
  }

  @Test
  void keepsAContractApartFromTheKeyOfItsAddress() {
    arbitrum.setCode(key.address(), Evm.yes());

    assertProven(judge(text(key.address(), 42161), ANY), "eip155:42161:" + key.address());
    String text = text(key.address(), 1);
    assertProven(judge(text, key.sign(text)), key.address());
  }

  // --- reserved addresses ---

  static Stream<String> reserved() {
    return IntStream.concat(
            IntStream.rangeClosed(0, 0x11), IntStream.of(0x64, 0x100, 0x101, 0x6000, 0xffff))
        .mapToObj(number -> Address.checksummed("0x%040x".formatted(number)));
  }

  @ParameterizedTest
  @MethodSource("reserved")
  void refusesAddressesThatChainsKeep(String address) {
    assertNotSigned(judge(text(address, 1), ANY));
    assertNotSigned(judge(text(address, 1), key.sign(text(address, 1))));
    assertNotSigned(
        judge(text(address, 1), Evm.wrapped(Evm.DEPLOYER, "0x" + "00".repeat(33), ANY)));
  }

  @Test
  void refusesAReservedAddressWithCode() {
    String address = Address.checksummed("0x%040x".formatted(0xfffe));
    mainnet.setCode(address, Evm.yes());
    String next = Address.checksummed("0x%040x".formatted(0x10000));
    mainnet.setCode(next, Evm.yes());

    assertNotSigned(judge(text(address, 1), ANY));
    assertProven(judge(text(next, 1), ANY), "eip155:1:" + next);
  }

  /** The identity precompile returns its input, which starts with the magic value and the hash. */
  @Test
  void takesNoYesFromTheIdentityPrecompile() throws Exception {
    byte[] zeros = new byte[32];
    zeros[31] = 7;
    String identity = "0x" + "0".repeat(39) + "4";

    assertThat(
            ContractSignature.isOf(
                chains, 1, identity, zeros, HexFormat.of().parseHex(ANY.substring(2))))
        .isFalse();
    byte[] wrapped =
        HexFormat.of()
            .parseHex(
                Evm.wrapped(Evm.DEPLOYER, Evm.deployment(SALT, Evm.creationOf(Evm.yes())), ANY)
                    .substring(2));
    assertThat(ContractSignature.isOf(chains, 1, identity, zeros, wrapped)).isFalse();
    // The same code at an ordinary address accepts this hash, so the refusal above is due to the
    // precompile.
    mainnet.setCode(contract, Evm.echoes());
    assertThat(
            ContractSignature.isOf(
                chains, 1, contract, zeros, HexFormat.of().parseHex(ANY.substring(2))))
        .isTrue();
  }

  // --- ERC-6492 ---

  @Test
  void asksAContractThatIsNotDeployedYet() {
    String creation = Evm.creationOf(Evm.ownedBy(key.address()));
    String address = Evm.deployedAt(SALT, creation);
    String text = text(address, 1);
    String block = mainnet.call("eth_blockNumber").asText();
    String deployment = Evm.deployment(SALT, creation);

    assertProven(
        judge(text, Evm.wrapped(Evm.DEPLOYER, deployment, key.sign(text))), "eip155:1:" + address);
    assertNotSigned(
        judge(text, Evm.wrapped(Evm.DEPLOYER, deployment, TestWallet.of(5).sign(text))));
    assertNotSigned(judge(text, key.sign(text)));
    assertThat(mainnet.call("eth_getCode", address, "latest").asText()).isEqualTo("0x");
    assertThat(mainnet.call("eth_blockNumber").asText()).isEqualTo(block);
  }

  @Test
  void asksADeployedContractWithoutItsFactory() {
    mainnet.setCode(contract, Evm.ownedBy(key.address()));
    String text = text(contract, 1);
    String bad = TestWallet.of(NEXT.incrementAndGet()).address();
    mainnet.setCode(bad, Evm.burnsGas());

    assertProven(judge(text, Evm.wrapped(bad, "0x1234", key.sign(text))), "eip155:1:" + contract);
  }

  @Test
  void letsNobodyOpenAWalletInPassing() {
    mainnet.setCode(contract, Evm.canBeOpened());
    String text = text(contract, 1);

    assertNotSigned(judge(text, Evm.wrapped(contract, "0x12345678", ANY)));
    assertThat(mainnet.call("eth_getStorageAt", contract, "0x0", "latest").asText())
        .matches("0x0+");
    // A real transaction can change the contract's state.
    mainnet.call("anvil_setStorageAt", contract, "0x0", "0x" + Evm.word(1));
    assertProven(judge(text, ANY), "eip155:1:" + contract);
  }

  @Test
  void refusesWhatAFactoryDoesNotDeployAtTheAddress() {
    String text = text(key.address(), 1);
    String yes = Evm.deployment(SALT, Evm.creationOf(Evm.yes()));
    for (String code :
        List.of(Evm.reverts(), Evm.invalid(), Evm.burnsGas(), Evm.yes(), Evm.code("STOP"))) {
      String factory = TestWallet.of(NEXT.incrementAndGet()).address();
      mainnet.setCode(factory, code);
      assertNotSigned(judge(text, Evm.wrapped(factory, yes, ANY)));
      assertNotSigned(judge(text, Evm.wrapped(factory, yes, key.sign(text))));
    }

    assertNotSigned(judge(text, Evm.wrapped(Evm.DEPLOYER, yes, ANY)));
    assertNotSigned(judge(text, Evm.wrapped(contract, yes, ANY)));
    assertNotSigned(judge(text, Evm.wrapped(key.address(), "0x", ANY)));
    assertNotSigned(judge(text, Evm.wrapped("0x" + "0".repeat(39) + "4", yes, ANY)));
    String address = Evm.deployedAt("00".repeat(32), Evm.creationOf(Evm.yes()));
    assertNotSigned(judge(text(address, 1), Evm.wrapped(Evm.DEPLOYER, yes, ANY)));
  }

  @Test
  void refusesACounterfactualContractThatSaysNo() {
    for (String code : List.of(Evm.burnsGas(), Evm.reverts(), Evm.says("ffffffff"))) {
      String creation = Evm.creationOf(code);
      assertNotSigned(
          judge(
              text(Evm.deployedAt(SALT, creation), 1),
              Evm.wrapped(Evm.DEPLOYER, Evm.deployment(SALT, creation), ANY)));
    }
  }

  @Test
  void refusesWrappersThatAreBroken() {
    mainnet.setCode(contract, Evm.yes());
    String text = text(contract, 1);
    String mark = "6492".repeat(16);
    String head = Evm.word(0x1234);

    for (String encoded :
        List.of(
            "",
            head,
            head + Evm.word(0x60),
            head + Evm.word(0x60) + Evm.word(0x80),
            head + Evm.word(0x60) + Evm.word(0x80) + Evm.word(0),
            head + Evm.word(0x60) + Evm.word(0x80) + Evm.word(0) + Evm.word(1),
            head + Evm.word(0x60) + Evm.word(0x80) + Evm.word(33) + Evm.word(0),
            head + "ff".repeat(32) + Evm.word(0x80) + Evm.word(0) + Evm.word(0),
            head + Evm.word(0x60) + Evm.word(Integer.MAX_VALUE) + Evm.word(0) + Evm.word(0),
            head + Evm.word(0x60) + Evm.word(0x80) + Evm.word(0) + "ff".repeat(32),
            "ff".repeat(32) + Evm.word(0x60) + Evm.word(0x80) + Evm.word(0) + Evm.word(0))) {
      assertNotSigned(judge(text, "0x" + encoded + mark));
    }
    assertProven(
        judge(
            text, "0x" + head + Evm.word(0x60) + Evm.word(0x80) + Evm.word(0) + Evm.word(0) + mark),
        "eip155:1:" + contract);
  }

  // --- EIP-7702 ---

  @Test
  void takesTheKeyOfAnAccountThatHasDelegated() {
    mainnet.setCode(contract, Evm.says("ffffffff"));
    mainnet.setCode(key.address(), Evm.delegatedTo(contract));
    String text = text(key.address(), 1);

    assertProven(judge(text, key.sign(text)), key.address());
    assertNotSigned(judge(text, TestWallet.of(5).sign(text)));
    assertNotSigned(judge(text, ANY));
  }

  @Test
  void makesWhatADelegateSignsAContractAndNotTheKey() {
    TestWallet delegate = TestWallet.of(NEXT.incrementAndGet());
    mainnet.setCode(contract, Evm.ownedBy(delegate.address()));
    mainnet.setCode(key.address(), Evm.delegatedTo(contract));
    String text = text(key.address(), 1);

    assertProven(judge(text, delegate.sign(text)), "eip155:1:" + key.address());
    assertProven(judge(text, key.sign(text)), key.address());
  }

  // --- no endpoint ---

  @Test
  void knowsOnlyKeysWhereThereIsNobodyToAsk() {
    Accounts alone = new Accounts(new JsonRpcChains(VERTX, Configs.siwe(Map.of())));
    String text = text(key.address(), 1);

    assertProven(judge(alone, text, key.sign(text)), key.address());
    assertThat(judge(alone, text, ANY))
        .isInstanceOfSatisfying(
            Accounts.Verdict.Unproven.class,
            unproven -> assertThat(unproven.code()).isEqualTo("unsupported_signature"));
    assertNotSigned(judge(alone, text, TestWallet.of(5).sign(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://key.example/s3cret",
        "s3cret",
        "http:s3cret",
        "http://u:s3cret@x",
        "\\s3cret"
      })
  void doesNotStartWithAnEndpointThatIsNone(String url) {
    assertThatThrownBy(() -> new JsonRpcChains(VERTX, Configs.siwe(Map.of("rpc.1", url))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("naap.auth.siwe.rpc.1")
        .hasMessageNotContaining("s3cret")
        .hasNoCause();
    assertThatThrownBy(() -> new JsonRpcChains(VERTX, Configs.siwe(Map.of("rpc.5", "http://x"))))
        .hasMessageContaining("naap.auth.siwe.rpc.5");
  }

  static String text(String address, long chainId) {
    return TestWallet.message(address, chainId, "abcdefgh12345678", Instant.EPOCH);
  }

  private static Accounts.Verdict judge(String text, String signature) {
    return judge(accounts, text, signature);
  }

  static Accounts.Verdict judge(Accounts accounts, String text, String signature) {
    return switch (SiweMessage.read(text)) {
      case SiweMessage.Reading.Read read -> accounts.judge(read.message(), text, signature);
      case SiweMessage.Reading.Refused refused -> throw new AssertionError(refused.why());
    };
  }

  private static void assertProven(Accounts.Verdict verdict, String account) {
    assertThat(verdict).isEqualTo(new Accounts.Verdict.Proven(account));
  }

  private static void assertNotSigned(Accounts.Verdict verdict) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Accounts.Verdict.Unproven.class,
            unproven -> assertThat(unproven.code()).isEqualTo("invalid_signature"));
  }

  /** The signature in the compact form of ERC-2098. */
  private static String compact(String signature) {
    int v = Integer.parseInt(signature.substring(130), 16) - 27;
    int first = Integer.parseInt(signature.substring(66, 68), 16) | v << 7;
    return signature.substring(0, 66) + "%02x".formatted(first) + signature.substring(68, 130);
  }
}
