package io.naap.clearinghouse.treasury;

import static io.naap.clearinghouse.chain.Contracts.DEPLOYER;
import static io.naap.clearinghouse.chain.Contracts.send;

import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.Contracts;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.ExtendedKeyTest;
import io.naap.contracts.testing.Anvil;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/** A chain with everything the treasury touches, and a treasury that may act. */
public class TreasuryChain implements QuarkusTestResourceLifecycleManager {
  static final Address FUNDING = Address.parse("0x1563915e194d8cfba1943570603f7606a3115508");
  static final BigInteger MILLI = BigInteger.TEN.pow(15);

  /** Wei for a millionth of a dollar when ether costs 2,500 dollars. */
  static final BigInteger FAIR = BigInteger.valueOf(400_000_000);

  static Anvil anvil;
  static String network;
  static String broker;
  static String usdc;
  static String pool;
  static String router;

  /** Given, the keys of the deposit addresses are elsewhere. */
  static final String WITHOUT_KEYS = "without-keys";

  private boolean withoutKeys;

  @Override
  public void init(Map<String, String> arguments) {
    withoutKeys = arguments.containsKey(WITHOUT_KEYS);
  }

  @Override
  public Map<String, String> start() {
    try {
      anvil = Anvil.start(42_000);
      network = Contracts.deploy(anvil, "Network", BigInteger.ZERO);
      broker =
          Contracts.deploy(
              anvil, "TicketBroker", BigInteger.ZERO, Abi.word(Address.parse(network)));
      name("TicketBroker", broker);
      name("RoundsManager", network);
      name("BondingManager", network);
      call(network, "initializeRound(uint256)", BigInteger.valueOf(4_100));
      usdc = Contracts.deploy(anvil, "Usdc", BigInteger.ZERO);
      String weth = Contracts.deploy(anvil, "Weth", BigInteger.ZERO);
      pool = Contracts.deploy(anvil, "Pool", BigInteger.TEN.pow(20), Abi.word(Address.parse(weth)));
      price(FAIR);
      router =
          Contracts.deploy(anvil, "SwapRouter", BigInteger.ZERO, Abi.word(Address.parse(pool)));
      balance(900);
      Path key = Files.createTempFile("naap-sweep", "");
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
      Files.writeString(key, ExtendedKeyTest.hardhatPrivateAccount());
      return config(weth, key);
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private Map<String, String> config(String weth, Path key) throws Exception {
    Map<String, String> config = new HashMap<>();
    config.put("chain.url", anvil.url().toString());
    config.put("chain.controller", network);
    config.put("chain.interval", "100ms");
    config.put("wallet.development-key", "11".repeat(32));
    config.put("wallet.allow-development-key", "true");
    config.put("funding-wallet.development-key", "22".repeat(32));
    config.put("funding-wallet.allow-development-key", "true");
    config.put("signer.port", "0");
    config.put("price.eth-usd", "2500");
    config.put("treasury.enabled", "true");
    config.put("treasury.interval", "100ms");
    config.put("treasury.finality-blocks", "2");
    for (String reader : new String[] {"settlement", "usdc"}) {
      config.put(reader + ".finalized-tag", "false");
      config.put(reader + ".finality-blocks", "2");
      config.put(reader + ".interval", "100ms");
    }
    config.put("usdc.token", usdc);
    config.put("usdc.xpub", ExtendedKeyTest.hardhatAccount());
    config.put("usdc.sweep.to", FUNDING.toString());
    if (!withoutKeys) {
      config.put("usdc.sweep.key-file", key.toString());
    }
    config.put("swap.router", router);
    config.put("swap.quoter", router);
    config.put("swap.weth", weth);
    config.put("swap.ether-low", MILLI.multiply(BigInteger.valueOf(350)).toString());
    config.put("swap.ether-target", MILLI.multiply(BigInteger.valueOf(400)).toString());
    Map<String, String> named = new HashMap<>();
    config.forEach((name, value) -> named.put("naap.clearinghouse." + name, value));
    return named;
  }

  private static void name(String contract, String address) {
    String name =
        java.util.HexFormat.of()
            .formatHex(contract.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    send(
        anvil,
        DEPLOYER,
        network,
        BigInteger.ZERO,
        Abi.selector("setContract(string,address)")
            + Abi.word(BigInteger.valueOf(64))
            + Abi.word(Address.parse(address))
            + Abi.word(BigInteger.valueOf(contract.length()))
            + name
            + "0".repeat(64 - name.length()));
  }

  /** What the pool gives for a millionth of a dollar. */
  static void price(BigInteger wei) {
    call(pool, "setPrice(uint256)", wei);
  }

  /** The funding wallet's ether, in thousandths. */
  static void balance(long milliEther) {
    anvil.call(
        "anvil_setBalance",
        FUNDING.lowerCase(),
        "0x" + MILLI.multiply(BigInteger.valueOf(milliEther)).toString(16));
  }

  static void mint(Address to, long dollars) {
    send(
        anvil,
        DEPLOYER,
        usdc,
        BigInteger.ZERO,
        Abi.selector("mint(address,uint256)")
            + Abi.word(to)
            + Abi.word(BigInteger.valueOf(dollars).multiply(BigInteger.valueOf(1_000_000))));
  }

  /** A contract's answer to a question about an address. */
  static BigInteger ask(String contract, String signature, Address of) {
    return new BigInteger(
        anvil
            .call(
                "eth_call",
                Map.of("to", contract, "data", Abi.selector(signature) + Abi.word(of)),
                "latest")
            .asText()
            .substring(2, 66),
        16);
  }

  private static void call(String contract, String signature, BigInteger word) {
    send(anvil, DEPLOYER, contract, BigInteger.ZERO, Abi.selector(signature) + Abi.word(word));
  }

  @Override
  public void stop() {
    if (anvil != null) {
      anvil.close();
    }
  }
}
