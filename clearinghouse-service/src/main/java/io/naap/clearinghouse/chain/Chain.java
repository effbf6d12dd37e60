package io.naap.clearinghouse.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Polls Livepeer's contracts over JSON-RPC. */
@ApplicationScoped
public class Chain implements ChainView {
  private static final Logger LOG = Logger.getLogger(Chain.class);
  private static final String GET_CONTRACT = "0xe16c7d98";
  private static final String GET_SENDER_INFO = "0xe1a589da";
  private static final String LAST_INITIALIZED_ROUND = "0x8807f36e";
  private static final String BLOCK_HASH_FOR_ROUND = "0x3aa4add4";
  private static final int WORD = 32;

  private final ChainConfig config;
  private final Clock clock;
  private volatile Snapshot snapshot;
  private volatile boolean stopping;
  private Thread thread;

  Chain(ChainConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  @Override
  public Optional<Snapshot> latest() {
    return Optional.ofNullable(snapshot)
        .filter(seen -> seen.seenAt().plus(config.staleAfter()).isAfter(clock.instant()));
  }

  /** Starts to watch the chain for a sender. */
  public void watch(Address sender) {
    JsonRpc rpc =
        new JsonRpc(
            config
                .url()
                .orElseThrow(
                    () ->
                        new IllegalStateException(
                            "naap.clearinghouse.chain.url is needed when there is a wallet")),
            config.timeout());
    Address controller = Address.parse(config.controller());
    thread = Thread.ofVirtual().name("chain").start(() -> poll(rpc, controller, sender));
  }

  public void stop() {
    stopping = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void poll(JsonRpc rpc, Address controller, Address sender) {
    boolean outage = false;
    while (!stopping) {
      try {
        snapshot = look(rpc, controller, sender);
        if (outage) {
          LOG.info("the chain answers again");
        }
        outage = false;
        Thread.sleep(config.interval());
      } catch (InterruptedException stopped) {
        return;
      } catch (IOException | RuntimeException failed) {
        // The boundary of this thread: a node that is away comes back; until then the view ages.
        LOG.logf(outage ? Logger.Level.DEBUG : Logger.Level.WARN, failed, "the chain is away");
        outage = true;
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(Math.min(1_000, config.interval().toMillis()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private Snapshot look(JsonRpc rpc, Address controller, Address sender)
      throws IOException, InterruptedException {
    String broker = contract(rpc, controller, "TicketBroker");
    String rounds = contract(rpc, controller, "RoundsManager");
    JsonNode block = rpc.latestBlock();
    JsonNode l1Block =
        block.hasNonNull("l1BlockNumber") ? block.path("l1BlockNumber") : block.path("number");
    byte[] info =
        rpc.call(broker, GET_SENDER_INFO + "0".repeat(24) + sender.lowerCase().substring(2));
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

  private static String contract(JsonRpc rpc, Address controller, String name)
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
