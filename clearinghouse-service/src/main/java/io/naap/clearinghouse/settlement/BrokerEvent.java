package io.naap.clearinghouse.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * One event of the TicketBroker about our sender.
 *
 * @param recipient whom it concerns besides the sender
 * @param amount in wei; of a withdrawal the deposit, of an unlock the round it ends in
 * @param secondAmount of a withdrawal the reserve
 * @param ticket of a redemption: whose nonce under which secret
 */
record BrokerEvent(
    String transaction,
    int logIndex,
    long block,
    String blockHash,
    Kind kind,
    Optional<Address> recipient,
    BigInteger amount,
    BigInteger secondAmount,
    Optional<Ticket> ticket) {
  /** The ticket that was redeemed. */
  record Ticket(ByteString recipientRandHash, BigInteger senderNonce) {}

  /** Protocol repository, contracts/pm/mixins/interfaces of the TicketBroker. */
  enum Kind {
    DEPOSIT_FUNDED("DepositFunded(address,uint256)"),
    RESERVE_FUNDED("ReserveFunded(address,uint256)"),
    RESERVE_CLAIMED("ReserveClaimed(address,address,uint256)"),
    REDEEMED("WinningTicketRedeemed(address,address,uint256,uint256,uint256,uint256,bytes)"),
    TRANSFERRED("WinningTicketTransfer(address,address,uint256)"),
    UNLOCKED("Unlock(address,uint256,uint256)"),
    UNLOCK_CANCELLED("UnlockCancelled(address)"),
    WITHDRAWN("Withdrawal(address,uint256,uint256)");

    private final String topic;

    Kind(String signature) {
      this.topic = Abi.topic(signature);
    }

    String topic() {
      return topic;
    }

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads a log; nothing when it is none of these, or not of the broker and sender asked for: a
   * node may answer anything.
   *
   * @throws IOException when it is one of these and cannot be read
   */
  static Optional<BrokerEvent> read(JsonNode log, Address broker, Address sender)
      throws IOException {
    JsonNode topics = log.path("topics");
    Optional<Kind> kind =
        Arrays.stream(Kind.values())
            .filter(one -> one.topic.equalsIgnoreCase(topics.path(0).asText()))
            .findFirst();
    boolean asked =
        !log.path("removed").asBoolean(false)
            && log.path("address").asText().equalsIgnoreCase(broker.toString())
            && topics.path(1).asText().equalsIgnoreCase("0x" + Abi.word(sender));
    if (kind.isEmpty() || !asked) {
      return Optional.empty();
    }
    return Optional.of(read(log, kind.get()));
  }

  private static BrokerEvent read(JsonNode log, Kind kind) throws IOException {
    String data = log.path("data").asText();
    if (!data.matches("0x([0-9a-fA-F]{64}){0,64}")) {
      throw new IOException("a node answered a log that is no log");
    }
    BigInteger none = BigInteger.ZERO;
    return switch (kind) {
      case DEPOSIT_FUNDED, RESERVE_FUNDED ->
          of(log, kind, Optional.empty(), word(data, 0), none, Optional.empty());
      case RESERVE_CLAIMED ->
          of(
              log,
              kind,
              Optional.of(Abi.address("0x" + Abi.word(word(data, 0)))),
              word(data, 1),
              none,
              Optional.empty());
      case TRANSFERRED ->
          of(log, kind, Optional.of(second(log)), word(data, 0), none, Optional.empty());
      case REDEEMED ->
          of(
              log,
              kind,
              Optional.of(second(log)),
              word(data, 0),
              none,
              Optional.of(new Ticket(hashed(word(data, 3)), word(data, 2))));
      case UNLOCKED -> of(log, kind, Optional.empty(), word(data, 1), none, Optional.empty());
      case UNLOCK_CANCELLED -> of(log, kind, Optional.empty(), none, none, Optional.empty());
      case WITHDRAWN ->
          of(log, kind, Optional.empty(), word(data, 0), word(data, 1), Optional.empty());
    };
  }

  private static BrokerEvent of(
      JsonNode log,
      Kind kind,
      Optional<Address> recipient,
      BigInteger amount,
      BigInteger secondAmount,
      Optional<Ticket> ticket)
      throws IOException {
    return new BrokerEvent(
        log.path("transactionHash").asText(),
        JsonRpc.number(log.path("logIndex")).intValueExact(),
        JsonRpc.number(log.path("blockNumber")).longValueExact(),
        log.path("blockHash").asText(),
        kind,
        recipient,
        amount,
        secondAmount,
        ticket);
  }

  private static Address second(JsonNode log) throws IOException {
    String topic = log.path("topics").path(2).asText();
    if (!topic.matches("0x[0-9a-fA-F]{64}")) {
      throw new IOException("a log lacks its recipient");
    }
    return Abi.address(topic);
  }

  private static BigInteger word(String data, int index) throws IOException {
    if (data.length() < 2 + 64 * (index + 1)) {
      throw new IOException("a log lacks data");
    }
    return Abi.number(data, index);
  }

  /** Tickets carry the hash of the secret that redeeming them tells. */
  private static ByteString hashed(BigInteger recipientRand) {
    return ByteString.copyFrom(Keccak.hash(HexFormat.of().parseHex(Abi.word(recipientRand))));
  }
}
