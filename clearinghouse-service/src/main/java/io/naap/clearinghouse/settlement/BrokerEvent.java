package io.naap.clearinghouse.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.LogPosition;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.Keccak;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * An event of the TicketBroker about our sender.
 *
 * @param recipient the other party, where the event names one
 * @param amount in wei; of a withdrawal the deposit, of an unlock the round in which it ends
 * @param secondAmount of a withdrawal the reserve; else zero
 * @param ticket of a redemption
 */
record BrokerEvent(
    LogPosition at,
    Kind kind,
    Optional<Address> recipient,
    BigInteger amount,
    BigInteger secondAmount,
    Optional<Ticket> ticket) {
  /** The nonce of a redeemed ticket, and the hash of the secret it was made for. */
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
   * Reads a log; absent when it is no such event of this broker and sender, because a node may
   * answer anything.
   *
   * @throws IOException when it is such an event and its data is malformed
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
    return new BrokerEvent(LogPosition.read(log), kind, recipient, amount, secondAmount, ticket);
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

  /** A ticket carries the hash of the secret that its redemption reveals. */
  private static ByteString hashed(BigInteger recipientRand) {
    return ByteString.copyFrom(Keccak.hash(HexFormat.of().parseHex(Abi.word(recipientRand))));
  }
}
