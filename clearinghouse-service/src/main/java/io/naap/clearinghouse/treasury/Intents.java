package io.naap.clearinghouse.treasury;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.store.Transactions;
import io.naap.clearinghouse.store.Tx;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import io.naap.clearinghouse.wallet.Wallet;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.Sign;
import org.web3j.crypto.TransactionEncoder;

/**
 * Brings intents onto the chain, each exactly once. What makes it so: an intent gets its nonce and
 * its signed bytes in one commit before anything is sent; only those bytes, or a replacement under
 * the same nonce, are ever sent for it; and only a receipt says that it was mined. An answer to
 * sending says nothing, whatever it is. Whoever wants to kill this process may.
 */
public final class Intents {
  private static final Logger LOG = Logger.getLogger(Intents.class);
  private static final BigInteger TEN_PERCENT_MORE = BigInteger.valueOf(110);
  private static final BigInteger HUNDRED = BigInteger.valueOf(100);

  private final Transactions transactions;
  private final TreasuryConfig config;
  private final JsonRpc node;
  private final Wallet wallet;
  private final long chainId;
  private final Ids ids;
  private final Clock clock;
  private final String sender;

  Intents(
      Transactions transactions,
      TreasuryConfig config,
      JsonRpc node,
      Wallet wallet,
      long chainId,
      Ids ids,
      Clock clock) {
    this.transactions = transactions;
    this.config = config;
    this.node = node;
    this.wallet = wallet;
    this.chainId = chainId;
    this.ids = ids;
    this.clock = clock;
    this.sender = wallet.address().lowerCase();
  }

  /** Plans something once per business key. */
  void plan(
      String businessKey, String kind, Address to, BigInteger value, byte[] data, String reason) {
    transactions.run(
        tx ->
            tx.change(
                """
                insert into intent (id, business_key, kind, sender, recipient, value, data, gas_limit,
                  status, reason, created_at, updated_at)
                values ($1, $2, $3, $4, $5, $6::text::numeric, $7, $8, 'planned', $9, $10, $10)
                on conflict (business_key) do nothing""",
                ids.next(IdKind.INTENT),
                businessKey,
                kind,
                sender,
                to.lowerCase(),
                value.toString(),
                Buffer.buffer(data),
                config.gasLimit(),
                reason,
                clock.instant().atOffset(ZoneOffset.UTC)));
  }

  /** One round: signs what is planned, sends what is open, reads what became of it. */
  void round() throws IOException, InterruptedException {
    BigInteger block = JsonRpc.number(node.latestBlock().path("number"));
    settle(block);
    while (signNext()) {
      LOG.debug("more is planned");
    }
    send();
  }

  private List<Row> open() {
    return transactions.run(
        tx ->
            tx.query(
                "select * from intent where sender = $1 and status in ('signed', 'sent', 'confirmed')"
                    + " order by nonce limit 1000",
                sender));
  }

  /** Gives the oldest planned intent its nonce and bytes; false when there is none to be signed. */
  private boolean signNext() throws IOException, InterruptedException {
    BigInteger chainNonce =
        JsonRpc.number(node.ask("eth_getTransactionCount", JsonRpc.parameters(sender, "latest")));
    Optional<BigInteger> price = gasPrice();
    if (price.isEmpty()) {
      return false;
    }
    return transactions.run(tx -> sign(tx, chainNonce, price.get()));
  }

  private Optional<BigInteger> gasPrice() throws IOException, InterruptedException {
    BigInteger base = JsonRpc.number(node.latestBlock().path("baseFeePerGas"));
    BigInteger wanted = base.multiply(BigInteger.TWO).add(config.priorityFee());
    if (base.add(config.priorityFee()).compareTo(config.maxGasPrice()) > 0) {
      LOG.warnf("gas is above its ceiling, wei=%s", base);
      return Optional.empty();
    }
    return Optional.of(wanted.min(config.maxGasPrice()));
  }

  private boolean sign(Tx tx, BigInteger chainNonce, BigInteger maxFee) {
    tx.change(
        "insert into wallet_nonce (sender, next_nonce) values ($1, $2) on conflict do nothing",
        sender,
        chainNonce.longValueExact());
    long next =
        tx.one("select next_nonce from wallet_nonce where sender = $1 for update", sender)
            .orElseThrow()
            .getLong("next_nonce");
    long openNow =
        tx.one(
                "select count(*) n from intent where sender = $1"
                    + " and status in ('signed', 'sent')",
                sender)
            .orElseThrow()
            .getLong("n");
    Optional<Row> planned =
        tx.one(
            "select * from intent where sender = $1 and status = 'planned' order by id limit 1"
                + " for update",
            sender);
    if (planned.isEmpty() || openNow >= config.mostOpen()) {
      return false;
    }
    // Somebody else has used the wallet's nonces: ours begin after theirs.
    long nonce = Math.max(next, chainNonce.longValueExact());
    Row intent = planned.get();
    attempt(tx, intent, nonce, 1, maxFee, config.priorityFee());
    tx.change(
        "update intent set status = 'signed', nonce = $2, updated_at = $3 where id = $1",
        intent.getString("id"),
        nonce,
        clock.instant().atOffset(ZoneOffset.UTC));
    tx.change("update wallet_nonce set next_nonce = $2 where sender = $1", sender, nonce + 1);
    return true;
  }

  private void attempt(
      Tx tx, Row intent, long nonce, int number, BigInteger maxFee, BigInteger priority) {
    RawTransaction raw =
        RawTransaction.createTransaction(
            chainId,
            BigInteger.valueOf(nonce),
            BigInteger.valueOf(intent.getLong("gas_limit")),
            intent.getString("recipient"),
            intent.getBigDecimal("value").toBigIntegerExact(),
            "0x" + HexFormat.of().formatHex(intent.getBuffer("data").getBytes()),
            priority.min(maxFee),
            maxFee);
    byte[] signature = wallet.signTransaction(TransactionEncoder.encode(raw)).toByteArray();
    byte[] signed =
        TransactionEncoder.encode(
            raw,
            new Sign.SignatureData(
                signature[64],
                java.util.Arrays.copyOf(signature, 32),
                java.util.Arrays.copyOfRange(signature, 32, 64)));
    tx.change(
        """
        insert into intent_attempt (intent_id, attempt, raw, transaction_hash, max_fee, priority_fee,
          signed_at)
        values ($1, $2, $3, $4, $5::text::numeric, $6::text::numeric, $7)""",
        intent.getString("id"),
        number,
        Buffer.buffer(signed),
        "0x" + HexFormat.of().formatHex(Keccak.hash(signed)),
        maxFee.toString(),
        priority.toString(),
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  private record Attempt(
      int number, String hash, String raw, BigInteger maxFee, BigInteger priority, Instant at) {}

  private List<Attempt> attempts(String intentId) {
    return transactions.run(
        tx ->
            tx
                .query(
                    "select * from intent_attempt where intent_id = $1 order by attempt desc",
                    intentId)
                .stream()
                .map(
                    row ->
                        new Attempt(
                            row.getInteger("attempt"),
                            row.getString("transaction_hash"),
                            "0x" + HexFormat.of().formatHex(row.getBuffer("raw").getBytes()),
                            row.getBigDecimal("max_fee").toBigIntegerExact(),
                            row.getBigDecimal("priority_fee").toBigIntegerExact(),
                            row.getOffsetDateTime("signed_at").toInstant()))
                .toList());
  }

  /** Sends the same bytes as before, or replaces the first in line when it waits too long. */
  private void send() throws InterruptedException {
    boolean first = true;
    for (Row intent : open()) {
      if ("confirmed".equals(intent.getString("status"))) {
        continue;
      }
      String id = intent.getString("id");
      Attempt latest = attempts(id).getFirst();
      if (first && latest.at().plus(config.replaceAfter()).isBefore(clock.instant())) {
        latest = replace(intent, latest);
      }
      first = false;
      try {
        node.ask("eth_sendRawTransaction", JsonRpc.parameters(latest.raw()));
      } catch (IOException ambiguous) {
        // Known already, or mined, or lost: only a receipt tells, and the same bytes go again.
        LOG.debugf("sending said %s, intent=%s", ambiguous.getMessage(), id);
      }
      setStatus(id, "signed", "sent");
    }
  }

  private Attempt replace(Row intent, Attempt latest) {
    BigInteger maxFee = more(latest.maxFee());
    BigInteger priority = more(latest.priority());
    if (maxFee.compareTo(config.maxGasPrice()) > 0) {
      LOG.errorf(
          "an intent is not mined at the highest price allowed, intent=%s", intent.getString("id"));
      return latest;
    }
    transactions.run(
        tx -> {
          attempt(tx, intent, intent.getLong("nonce"), latest.number() + 1, maxFee, priority);
          return null;
        });
    LOG.infof("replaced, intent=%s attempt=%d", intent.getString("id"), latest.number() + 1);
    return attempts(intent.getString("id")).getFirst();
  }

  /** Ten percent, rounded up, as nodes want it of a replacement. */
  static BigInteger more(BigInteger fee) {
    return fee.multiply(TEN_PERCENT_MORE).add(HUNDRED).subtract(BigInteger.ONE).divide(HUNDRED);
  }

  private void setStatus(String id, String from, String to) {
    transactions.run(
        tx ->
            tx.change(
                "update intent set status = $3, updated_at = $4 where id = $1 and status = $2",
                id,
                from,
                to,
                clock.instant().atOffset(ZoneOffset.UTC)));
  }

  /** Reads receipts: the only thing that is believed, and only deep enough for ever. */
  private void settle(BigInteger newest) throws IOException, InterruptedException {
    BigInteger finalBlock = newest.subtract(BigInteger.valueOf(config.finalityBlocks()));
    BigInteger mined =
        JsonRpc.number(
            node.ask(
                "eth_getTransactionCount",
                JsonRpc.parameters(
                    sender, finalBlock.signum() < 0 ? "0x0" : JsonRpc.quantity(finalBlock))));
    for (Row intent : open()) {
      String id = intent.getString("id");
      Optional<JsonNode> receipt = receipt(id);
      if (receipt.isPresent()) {
        confirm(intent, receipt.get(), finalBlock);
      } else if ("confirmed".equals(intent.getString("status"))) {
        LOG.infof("a reorganisation took it back, intent=%s", id);
        setStatus(id, "confirmed", "sent");
      } else if (mined.compareTo(BigInteger.valueOf(intent.getLong("nonce"))) > 0
          && receipt(id).isEmpty()) {
        healLater(intent, mined);
      }
    }
  }

  private Optional<JsonNode> receipt(String intentId) throws IOException, InterruptedException {
    for (Attempt attempt : attempts(intentId)) {
      Optional<JsonNode> receipt =
          node.find("eth_getTransactionReceipt", JsonRpc.parameters(attempt.hash()));
      if (receipt.isPresent()
          && attempt.hash().equalsIgnoreCase(receipt.get().path("transactionHash").asText())) {
        return receipt;
      }
    }
    return Optional.empty();
  }

  private void confirm(Row intent, JsonNode receipt, BigInteger finalBlock) throws IOException {
    BigInteger block = JsonRpc.number(receipt.path("blockNumber"));
    boolean succeeded = "0x1".equals(receipt.path("status").asText());
    boolean isFinal = block.compareTo(finalBlock) <= 0;
    String status = !isFinal ? "confirmed" : succeeded ? "final" : "reverted";
    BigInteger gas =
        JsonRpc.number(receipt.path("gasUsed"))
            .multiply(JsonRpc.number(receipt.path("effectiveGasPrice")));
    transactions.run(
        tx ->
            tx.change(
                """
                update intent set status = $2, block = $3, transaction_hash = $4,
                  gas_paid = $5::text::numeric, updated_at = $6 where id = $1""",
                intent.getString("id"),
                status,
                block.longValueExact(),
                receipt.path("transactionHash").asText(),
                gas.toString(),
                clock.instant().atOffset(ZoneOffset.UTC)));
    if ("reverted".equals(status)) {
      LOG.errorf("an intent was mined and failed, intent=%s", intent.getString("id"));
    }
  }

  /**
   * The nonce is used up for ever and by none of our bytes, the chain says. A node that lies could
   * say so too, and then a new nonce would pay twice: a person looks.
   */
  private static void healLater(Row intent, BigInteger mined) {
    LOG.errorf(
        "nonce %d of intent %s was used by something else (%s are mined); look before it is planned"
            + " again",
        intent.getLong("nonce"), intent.getString("id"), mined);
  }
}
