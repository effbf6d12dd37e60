package io.naap.clearinghouse.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.neighbour.CallGuard;
import io.naap.clearinghouse.neighbour.NeighbourGuards;
import io.naap.clearinghouse.price.EtherPrice;
import io.naap.clearinghouse.price.PriceConfig;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Reads Livepeer's contracts from the RPC node, again and again, and keeps the last view. */
@ApplicationScoped
public class Chain implements ChainView {
  private static final Logger LOG = Logger.getLogger(Chain.class);
  private static final String GET_CONTRACT = "0xe16c7d98";
  private static final String GET_SENDER_INFO = "0xe1a589da";
  private static final String LAST_INITIALIZED_ROUND = "0x8807f36e";
  private static final String BLOCK_HASH_FOR_ROUND = "0x3aa4add4";
  private static final int WORD = 32;

  private static final String IS_REGISTERED = Abi.selector("isRegisteredTranscoder(address)");
  private static final String LATEST_ROUND_DATA = Abi.selector("latestRoundData()");
  private static final int MOST_REMEMBERED = 10_000;
  private static final int FEED_DECIMALS = 8;

  private final ChainConfig config;
  private final PriceConfig priceConfig;
  private final EtherPrice price;
  private final CallGuard guard;
  private final Clock clock;
  private volatile Snapshot snapshot;
  private final Map<Address, Registration> registrations = new ConcurrentHashMap<>();
  private volatile JsonRpc rpc;
  private volatile String bonding;
  private volatile String broker;
  private volatile Duration blockLag;
  private PollingLoop loop;

  Chain(
      ChainConfig config,
      PriceConfig priceConfig,
      EtherPrice price,
      NeighbourGuards guards,
      Clock clock) {
    this.config = config;
    this.guard = guards.guard("chain", config.timeout(), List.of(JsonRpc.RpcException.class));
    this.priceConfig = priceConfig;
    this.price = price;
    this.clock = clock;
  }

  @Override
  public Optional<Snapshot> latest() {
    return Optional.ofNullable(snapshot)
        .filter(seen -> seen.seenAt().plus(config.staleAfter()).isAfter(clock.instant()));
  }

  /** Begins to read the chain for a sender. */
  public void watch(Address sender) {
    JsonRpc node = node();
    rpc = node;
    Address controller = Address.parse(config.controller());
    loop =
        PollingLoop.start(
            "signing",
            config.interval(),
            () -> {
              snapshot = look(node, controller, sender);
              lookAtPrice(node);
            });
  }

  /** A client of the configured node; all clients share one guard. */
  public JsonRpc node() {
    return new JsonRpc(
        config
            .url()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "naap.clearinghouse.chain.url is needed when there is a wallet")),
        guard);
  }

  /** The TicketBroker's address, once it was read from the Controller. */
  public Optional<Address> broker() {
    return Optional.ofNullable(broker).map(Address::parse);
  }

  /** The age of the newest block when it was last read. */
  public Optional<Duration> blockLag() {
    return Optional.ofNullable(blockLag);
  }

  private record Registration(boolean registered, Instant seenAt) {}

  @Override
  public Optional<Boolean> isRegistered(Address orchestrator) {
    Registration known = registrations.get(orchestrator);
    Instant now = clock.instant();
    if (known != null
        && known
            .seenAt()
            .plus(known.registered() ? config.registeredFor() : config.unregisteredFor())
            .isAfter(now)) {
      return Optional.of(known.registered());
    }
    String contract = bonding;
    if (rpc == null || contract == null) {
      return Optional.empty();
    }
    try {
      byte[] answer = rpc.call(contract, IS_REGISTERED + Abi.word(orchestrator));
      boolean registered = word(answer, 0).signum() != 0;
      if (registrations.size() > MOST_REMEMBERED) {
        registrations.clear();
      }
      registrations.put(orchestrator, new Registration(registered, now));
      return Optional.of(registered);
    } catch (IOException away) {
      LOG.warnf("the BondingManager could not be asked: %s", away.getMessage());
      return Optional.empty();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Reads the price feed, where one is configured. */
  private void lookAtPrice(JsonRpc node) throws IOException, InterruptedException {
    if (priceConfig.feed().isEmpty()) {
      return;
    }
    byte[] round = node.call(priceConfig.feed().get(), LATEST_ROUND_DATA);
    BigInteger answer = word(round, 1);
    if (answer.signum() > 0 && answer.bitLength() < 128) {
      price.saw(
          new BigDecimal(answer, FEED_DECIMALS),
          Instant.ofEpochSecond(word(round, 3).longValueExact()));
    }
  }

  public void stop() {
    if (loop != null) {
      loop.stop();
    }
  }

  private Snapshot look(JsonRpc rpc, Address controller, Address sender)
      throws IOException, InterruptedException {
    String found = contract(rpc, controller, "TicketBroker");
    broker = found;
    String rounds = contract(rpc, controller, "RoundsManager");
    bonding = contract(rpc, controller, "BondingManager");
    JsonNode block = rpc.latestBlock();
    if (block.hasNonNull("timestamp")) {
      Instant mined =
          Instant.ofEpochSecond(JsonRpc.number(block.path("timestamp")).longValueExact());
      blockLag = Duration.between(mined, clock.instant());
    }
    JsonNode l1Block =
        block.hasNonNull("l1BlockNumber") ? block.path("l1BlockNumber") : block.path("number");
    byte[] info =
        rpc.call(found, GET_SENDER_INFO + "0".repeat(24) + sender.lowerCase().substring(2));
    BigInteger round = word(rpc.call(rounds, LAST_INITIALIZED_ROUND), 0);
    byte[] hash =
        rpc.call(
            rounds,
            BLOCK_HASH_FOR_ROUND
                + "0".repeat(64 - round.toString(16).length())
                + round.toString(16));
    return new Snapshot(
        clock.instant(),
        new BigInteger(l1Block.asText().substring(2), 16),
        word(info, 0),
        word(info, 1),
        word(info, 2),
        round.longValueExact(),
        ByteString.copyFrom(bytes(hash, 0)));
  }

  static String contract(JsonRpc rpc, Address controller, String name)
      throws IOException, InterruptedException {
    String id = HexFormat.of().formatHex(Keccak.hash(name.getBytes(StandardCharsets.US_ASCII)));
    byte[] word = bytes(rpc.call(controller.toString(), GET_CONTRACT + id), 0);
    return "0x" + HexFormat.of().formatHex(word, WORD - Address.LENGTH, WORD);
  }

  private static BigInteger word(byte[] result, int index) throws IOException {
    return new BigInteger(1, bytes(result, index));
  }

  private static byte[] bytes(byte[] result, int index) throws IOException {
    if (result.length < (index + 1) * WORD) {
      throw new IOException("a contract answered too little");
    }
    return Arrays.copyOfRange(result, index * WORD, (index + 1) * WORD);
  }
}
