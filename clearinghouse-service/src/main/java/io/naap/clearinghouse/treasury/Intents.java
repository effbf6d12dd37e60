package io.naap.clearinghouse.treasury;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.clearinghouse.wallet.Wallet;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.Sign;
import org.web3j.crypto.TransactionEncoder;

/**
 * Brings the intents of one wallet onto the chain, each exactly once. An intent gets its nonce and
 * its signed bytes in one commit before anything is sent. Only those bytes, or a replacement under
 * the same nonce, are ever sent for it. The reply to {@code eth_sendRawTransaction} is ignored;
 * only a receipt counts. A crash at any point is safe.
 *
 * <p>A nonce that is missing below later ones would hold them up for ever; that happens when a node
 * reported a count that is too high, or a reorganisation removed a foreign transaction. Such a
 * nonce is filled with a transfer of nothing to the wallet itself. A nonce that foreign bytes used
 * in a final block ends its intent as {@code replaced}; it is never planned again under another
 * nonce.
 */
public final class Intents {
  private static final Logger LOG = Logger.getLogger(Intents.class);
  private static final BigInteger TEN_PERCENT_MORE = BigInteger.valueOf(110);

  /** The most questions of one round that the node may leave unanswered. */
  private static final int MOST_UNANSWERED = 8;

  private static final BigInteger HUNDRED = BigInteger.valueOf(100);
  private static final long SEARCHED_BLOCKS = 10_000;
  private static final int MOST_LOGS = 65_536;

  private final TreasuryConfig config;
  private final JsonRpc node;
  private final Wallet wallet;
  private final long chainId;
  private final Clock clock;
  private final String sender;
  private final IntentStore store;
  private final Set<String> alarmed = new HashSet<>();
  private final Map<String, String> suspects = new HashMap<>();
  private Optional<Long> countBefore = Optional.empty();

  Intents(
      TreasuryConfig config,
      JsonRpc node,
      Wallet wallet,
      long chainId,
      IntentStore store,
      Clock clock) {
    this.config = config;
    this.node = node;
    this.wallet = wallet;
    this.chainId = chainId;
    this.store = store;
    this.clock = clock;
    this.sender = wallet.address().lowerCase();
  }

  /**
   * A call of a contract, or a transfer of ether.
   *
   * @param value in wei
   * @param gasLimit the most gas it may use
   */
  record Call(Address to, BigInteger value, ByteString data, long gasLimit) {}

  /**
   * An intent to be planned.
   *
   * @param businessKey the intent is made once for each key
   * @param tokenAmount of a token that it moves, in its smallest unit
   * @param validUntil it is not signed after this
   */
  record Plan(
      String businessKey,
      String kind,
      Call call,
      BigInteger tokenAmount,
      Optional<Instant> validUntil,
      String reason) {}

  /** Plans an intent, once for each business key. */
  void plan(Plan plan) {
    store.plan(plan);
  }

  boolean hasWork() {
    return store.hasWork();
  }

  /**
   * One round: reads the receipts of open intents, signs planned ones, and sends open ones.
   *
   * @param begin false while planned intents must not be signed
   */
  void round(boolean begin) throws IOException, InterruptedException {
    JsonNode newest = node.latestBlock();
    BigInteger finalBlock =
        JsonRpc.number(newest.path("number")).subtract(BigInteger.valueOf(config.finalityBlocks()));
    settle(finalBlock);
    store.expire();
    // The smaller of two answers counts: a count that is too high once makes no gap.
    long count = count("latest");
    long known = Math.min(count, countBefore.isPresent() ? countBefore.get() : count("latest"));
    countBefore = Optional.of(count);
    Optional<BigInteger> price = price(newest);
    if (price.isPresent()) {
      IntentStore.Signing signing =
          (intent, number) -> signed(intent, number, price.get(), config.priorityFee());
      heal(known, signing);
      while (begin && store.signNext(known, config.mostOpen(), signing)) {
        LOG.debug("the next intent is signed");
      }
    }
    send();
  }

  private long count(String block) throws IOException, InterruptedException {
    return JsonRpc.number(node.ask("eth_getTransactionCount", JsonRpc.parameters(sender, block)))
        .longValueExact();
  }

  private Optional<BigInteger> price(JsonNode newest) throws IOException {
    BigInteger base = JsonRpc.number(newest.path("baseFeePerGas"));
    BigInteger wanted = base.multiply(BigInteger.TWO).add(config.priorityFee());
    if (base.add(config.priorityFee()).compareTo(config.maxGasPrice()) > 0) {
      LOG.warnf("gas costs more than its ceiling, wei=%s", base);
      return Optional.empty();
    }
    return Optional.of(wanted.min(config.maxGasPrice()));
  }

  private IntentStore.Attempt signed(
      IntentStore.Open intent, int number, BigInteger maxFee, BigInteger priority) {
    RawTransaction raw =
        RawTransaction.createTransaction(
            chainId,
            BigInteger.valueOf(intent.nonce()),
            BigInteger.valueOf(intent.call().gasLimit()),
            intent.call().to().lowerCase(),
            intent.call().value(),
            "0x" + HexFormat.of().formatHex(intent.call().data().toByteArray()),
            priority.min(maxFee),
            maxFee);
    byte[] signature = wallet.signTransaction(TransactionEncoder.encode(raw)).toByteArray();
    byte[] signed =
        TransactionEncoder.encode(
            raw,
            new Sign.SignatureData(
                signature[64],
                Arrays.copyOf(signature, 32),
                Arrays.copyOfRange(signature, 32, 64)));
    return new IntentStore.Attempt(
        number,
        "0x" + HexFormat.of().formatHex(Keccak.hash(signed)),
        ByteString.copyFrom(signed),
        maxFee,
        priority,
        clock.instant());
  }

  /** Fills the nonces that are missing below an intent that waits for too long. */
  private void heal(long count, IntentStore.Signing signing) {
    List<IntentStore.Open> waiting =
        store.open().stream().filter(intent -> !intent.isConfirmed()).toList();
    if (waiting.isEmpty() || waiting.getFirst().nonce() == count || !isLate(waiting.getFirst())) {
      return;
    }
    List<Long> missing = store.missing(count, waiting.getLast().nonce(), config.mostOpen());
    for (long nonce : missing) {
      store.fill(nonce, config.gasLimit(), signing);
      LOG.warnf(
          "a missing nonce is filled with an empty transfer, sender=%s nonce=%d", sender, nonce);
    }
  }

  private boolean isLate(IntentStore.Open intent) {
    return isLate(store.attempts(intent.id()).getFirst());
  }

  private boolean isLate(IntentStore.Attempt latest) {
    return latest.at().plus(config.replaceAfter()).isBefore(clock.instant());
  }

  /** Sends the same bytes again; replaces those of the lowest nonce when they wait too long. */
  private void send() throws InterruptedException {
    boolean first = true;
    for (IntentStore.Open intent : store.open()) {
      if (intent.isConfirmed()) {
        continue;
      }
      IntentStore.Attempt latest = store.attempts(intent.id()).getFirst();
      if (first && isLate(latest)) {
        latest = replaced(intent, latest);
      }
      first = false;
      try {
        node.ask("eth_sendRawTransaction", JsonRpc.parameters(latest.hex()));
      } catch (IOException ambiguous) {
        // The node may have them, or not: only a receipt tells, and the same bytes are sent again.
        LOG.debugf("a node refused bytes: %s, intent=%s", ambiguous.getMessage(), intent.id());
      }
      store.setStatus(intent.id(), IntentStatus.SIGNED, IntentStatus.SENT);
    }
  }

  private IntentStore.Attempt replaced(IntentStore.Open intent, IntentStore.Attempt latest) {
    BigInteger maxFee = more(latest.maxFee());
    BigInteger priority = more(latest.priority());
    if (maxFee.compareTo(config.maxGasPrice()) > 0) {
      if (alarmed.add(latest.hash())) {
        LOG.errorf("an intent is not mined at the highest price allowed, intent=%s", intent.id());
      }
      return latest;
    }
    store.add(intent.id(), () -> signed(intent, latest.number() + 1, maxFee, priority));
    LOG.infof(
        "an intent is offered more gas, intent=%s attempt=%d", intent.id(), latest.number() + 1);
    return store.attempts(intent.id()).getFirst();
  }

  /** Ten percent more, rounded up: nodes take no cheaper replacement. */
  static BigInteger more(BigInteger fee) {
    return fee.multiply(TEN_PERCENT_MORE).add(HUNDRED).subtract(BigInteger.ONE).divide(HUNDRED);
  }

  /** Reads receipts. Nothing else is believed, and a receipt is final only in a final block. */
  private void settle(BigInteger finalBlock) throws IOException, InterruptedException {
    List<IntentStore.Open> open = store.open();
    if (open.isEmpty()) {
      return;
    }
    long mined = count(finalBlock.signum() < 0 ? "0x0" : JsonRpc.quantity(finalBlock));
    int unanswered = 0;
    for (IntentStore.Open intent : open) {
      try {
        settle(intent, mined, finalBlock);
      } catch (IOException lost) {
        // One lost answer delays its own intent only; a node that answers nothing ends the round.
        if (++unanswered > MOST_UNANSWERED) {
          throw lost;
        }
        LOG.debugf("the node did not answer, intent=%s: %s", intent.id(), lost.getMessage());
      }
    }
  }

  private void settle(IntentStore.Open intent, long mined, BigInteger finalBlock)
      throws IOException, InterruptedException {
    List<IntentStore.Attempt> attempts = store.attempts(intent.id());
    Optional<JsonNode> receipt = receipt(attempts);
    if (receipt.isPresent()) {
      suspects.remove(intent.id());
      confirm(intent, receipt.get(), finalBlock);
    } else if (intent.isConfirmed()) {
      LOG.infof("a reorganisation removed an intent, intent=%s", intent.id());
      store.setStatus(intent.id(), IntentStatus.CONFIRMED, IntentStatus.SENT);
    } else if (mined > intent.nonce()) {
      suspect(intent, attempts, finalBlock);
    }
  }

  private Optional<JsonNode> receipt(List<IntentStore.Attempt> attempts)
      throws IOException, InterruptedException {
    for (IntentStore.Attempt attempt : attempts) {
      Optional<JsonNode> receipt =
          node.find("eth_getTransactionReceipt", JsonRpc.parameters(attempt.hash()));
      if (receipt.isPresent()
          && attempt.hash().equalsIgnoreCase(receipt.get().path("transactionHash").asText())) {
        return receipt;
      }
    }
    return Optional.empty();
  }

  private void confirm(IntentStore.Open intent, JsonNode receipt, BigInteger finalBlock)
      throws IOException, InterruptedException {
    BigInteger block = JsonRpc.number(receipt.path("blockNumber"));
    boolean isFinal = block.compareTo(finalBlock) <= 0 && isOfTheChain(receipt);
    boolean succeeded = "0x1".equals(receipt.path("status").asText());
    IntentStatus status =
        !isFinal ? IntentStatus.CONFIRMED : succeeded ? IntentStatus.FINAL : IntentStatus.REVERTED;
    BigInteger gas =
        JsonRpc.number(receipt.path("gasUsed"))
            .multiply(JsonRpc.number(receipt.path("effectiveGasPrice")));
    String logs = receipt.path("logs").toString();
    store.mined(
        intent.id(),
        new IntentStore.Mined(
            status,
            block.longValueExact(),
            receipt.path("transactionHash").asText(),
            gas,
            isFinal && receipt.path("logs").isArray() && logs.length() <= MOST_LOGS
                ? Optional.of(new JsonArray(logs))
                : Optional.empty()));
    if (status == IntentStatus.REVERTED) {
      LOG.errorf("an intent was mined and reverted, intent=%s", intent.id());
    }
  }

  /** False when the receipt's block is not part of the chain any more. */
  private boolean isOfTheChain(JsonNode receipt) throws IOException, InterruptedException {
    return node.find(
            "eth_getBlockByNumber", JsonRpc.parameters(receipt.path("blockNumber").asText(), false))
        .map(block -> block.path("hash").asText())
        .filter(hash -> hash.equalsIgnoreCase(receipt.path("blockHash").asText()))
        .isPresent();
  }

  /**
   * Handles a nonce that is used in a final block, with no receipt for any of our bytes. The
   * transaction that used it is searched in the blocks, and must be found in two rounds: a node
   * that lags or lies must not end an intent that is mined.
   */
  private void suspect(
      IntentStore.Open intent, List<IntentStore.Attempt> attempts, BigInteger finalBlock)
      throws InterruptedException {
    try {
      Optional<String> user = userOf(intent.nonce(), finalBlock);
      if (user.isEmpty()
          || attempts.stream().anyMatch(own -> own.hash().equalsIgnoreCase(user.get()))) {
        suspects.remove(intent.id());
        return;
      }
      if (user.get().equals(suspects.put(intent.id(), user.get()))) {
        store.displaced(intent.id(), user.get());
        LOG.errorf(
            "nonce %d of intent %s was used by %s, which is not ours; look who has the key",
            intent.nonce(), intent.id(), user.get());
      }
    } catch (IOException cannotTell) {
      if (alarmed.add(intent.id())) {
        LOG.warnf(
            "nonce %d of intent %s is used and the node does not tell by what: %s",
            intent.nonce(), intent.id(), cannotTell.getMessage());
      }
    }
  }

  /** The transaction that used a nonce, from the block in which the wallet's count passed it. */
  private Optional<String> userOf(long nonce, BigInteger finalBlock)
      throws IOException, InterruptedException {
    long after = finalBlock.longValueExact();
    long before = Math.max(0, after - SEARCHED_BLOCKS);
    while (after - before > 1) {
      long middle = before + (after - before) / 2;
      if (count(JsonRpc.quantity(BigInteger.valueOf(middle))) > nonce) {
        after = middle;
      } else {
        before = middle;
      }
    }
    JsonNode block =
        node.ask(
            "eth_getBlockByNumber",
            JsonRpc.parameters(JsonRpc.quantity(BigInteger.valueOf(after)), true));
    for (JsonNode one : block.path("transactions")) {
      if (sender.equalsIgnoreCase(one.path("from").asText())
          && JsonRpc.number(one.path("nonce")).longValueExact() == nonce) {
        return Optional.of(one.path("hash").asText());
      }
    }
    return Optional.empty();
  }
}
