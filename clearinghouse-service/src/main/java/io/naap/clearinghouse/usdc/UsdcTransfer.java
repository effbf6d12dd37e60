package io.naap.clearinghouse.usdc;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.clearinghouse.chain.Abi;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.chain.LogPosition;
import io.naap.clearinghouse.wallet.Address;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A transfer of USDC from or to a deposit address.
 *
 * @param address the deposit address
 * @param other the address on the other side
 * @param amount in millionths
 */
record UsdcTransfer(
    LogPosition at, String tenantId, String address, String other, BigInteger amount) {
  private static final String TRANSFER = Abi.topic("Transfer(address,address,uint256)");
  private static final int ADDRESSES_AT_ONCE = 500;

  /** By tenant, so that the locks of tenants are taken in one order. */
  static final Comparator<UsdcTransfer> ORDER =
      Comparator.comparing(UsdcTransfer::tenantId)
          .thenComparing(UsdcTransfer::at, LogPosition.ORDER);

  /** Which way the money goes, and the topic of the event that holds the deposit address. */
  enum Direction {
    LEFT(1),
    ARRIVED(2);

    private final int topic;

    Direction(int topic) {
      this.topic = topic;
    }
  }

  /**
   * What is searched.
   *
   * @param tenants by deposit address, in lower case
   * @param dust a smaller arrival is ignored
   */
  record Search(
      String token, BigInteger from, BigInteger to, Map<String, String> tenants, BigInteger dust) {}

  /** Asks the node for the transfers, in {@link #ORDER}. */
  static List<UsdcTransfer> find(JsonRpc node, Search search, Direction direction)
      throws IOException, InterruptedException {
    List<UsdcTransfer> found = new ArrayList<>();
    List<String> addresses = List.copyOf(search.tenants().keySet());
    for (int at = 0; at < addresses.size(); at += ADDRESSES_AT_ONCE) {
      List<String> topics =
          addresses.subList(at, Math.min(addresses.size(), at + ADDRESSES_AT_ONCE)).stream()
              .map(address -> "0x" + Abi.word(Address.parse(address)))
              .toList();
      List<Object> filter = new ArrayList<>();
      filter.add(TRANSFER);
      if (direction == Direction.ARRIVED) {
        filter.add(null);
      }
      filter.add(topics);
      for (JsonNode log : node.logs(search.token(), search.from(), search.to(), filter)) {
        read(log, search, direction).ifPresent(found::add);
      }
    }
    found.sort(ORDER);
    return found;
  }

  /** Reads a log; absent when it is not what was searched, because a node may answer anything. */
  private static Optional<UsdcTransfer> read(JsonNode log, Search search, Direction direction)
      throws IOException {
    JsonNode topics = log.path("topics");
    boolean asked =
        !log.path("removed").asBoolean(false)
            && log.path("address").asText().equalsIgnoreCase(search.token())
            && topics.size() == 3
            && topics.path(0).asText().equalsIgnoreCase(TRANSFER)
            && log.path("data").asText().matches("0x[0-9a-fA-F]{64}");
    if (!asked) {
      return Optional.empty();
    }
    LogPosition at = LogPosition.read(log);
    if (!at.isWithin(search.from(), search.to())) {
      return Optional.empty();
    }
    String address = Abi.address(topics.path(direction.topic).asText()).lowerCase();
    String other = Abi.address(topics.path(3 - direction.topic).asText()).lowerCase();
    BigInteger amount = Abi.number(log.path("data").asText(), 0);
    boolean dust =
        direction == Direction.ARRIVED ? amount.compareTo(search.dust()) < 0 : amount.signum() == 0;
    return Optional.ofNullable(search.tenants().get(address))
        .filter(tenant -> !dust)
        .map(tenant -> new UsdcTransfer(at, tenant, address, other, amount));
  }
}
