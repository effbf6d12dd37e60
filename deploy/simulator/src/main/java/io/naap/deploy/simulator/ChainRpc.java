package io.naap.deploy.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The JSON-RPC answers a ticket signer asks a chain for: block numbers, and calls to the
 * Controller, TicketBroker, RoundsManager and BondingManager of the Livepeer protocol. Everything
 * else is "method not found".
 */
final class ChainRpc {
  static final String CONTROLLER = "0x00000000000000000000000000000000000c0117";
  private static final String BROKER = "0x000000000000000000000000000000000000b204";
  private static final String ROUNDS = "0x0000000000000000000000000000000000002041";
  private static final String BONDING = "0x000000000000000000000000000000000000b04d";
  private static final int CHAIN_ID = 31_337;

  private final ChainState chain;

  ChainRpc(ChainState chain) {
    this.chain = chain;
  }

  JsonObject answer(JsonObject request) {
    JsonObject answer = new JsonObject().put("jsonrpc", "2.0").put("id", request.getValue("id"));
    try {
      return answer.put(
          "result", result(request.getString("method"), request.getJsonArray("params")));
    } catch (UnsupportedOperationException unknown) {
      return answer.put(
          "error", new JsonObject().put("code", -32_601).put("message", unknown.getMessage()));
    } catch (ClassCastException | NullPointerException | IllegalArgumentException malformed) {
      return answer.put(
          "error", new JsonObject().put("code", -32_602).put("message", "invalid params"));
    }
  }

  private Object result(String method, JsonArray params) {
    return switch (method) {
      case "eth_chainId" -> quantity(CHAIN_ID);
      case "net_version" -> Integer.toString(CHAIN_ID);
      case "eth_blockNumber" -> quantity(chain.l1Block());
      case "eth_gasPrice" -> quantity(100_000_000);
      case "eth_getBlockByNumber" -> block();
      case "eth_getBalance" -> quantity(1_000_000_000_000_000_000L);
      case "eth_call" -> call(params.getJsonObject(0));
      case "eth_getLogs" -> new JsonArray();
      default ->
          throw new UnsupportedOperationException("the method " + method + " does not exist");
    };
  }

  private JsonObject block() {
    long number = chain.l1Block();
    return new JsonObject()
        .put("number", quantity(number))
        .put("l1BlockNumber", quantity(number))
        .put("hash", Eth.hex(Eth.keccak(Wire.word(BigInteger.valueOf(number)))))
        .put("timestamp", quantity(System.currentTimeMillis() / 1000))
        .put("baseFeePerGas", quantity(100_000_000));
  }

  private String call(JsonObject call) {
    String data = call.containsKey("data") ? call.getString("data") : call.getString("input");
    byte[] input = Eth.bytes(data);
    String selector = Eth.hex(Arrays.copyOf(input, 4));
    return switch (call.getString("to").toLowerCase(java.util.Locale.ROOT)) {
      case CONTROLLER -> is(selector, "getContract(bytes32)") ? contract(input) : unknownFunction();
      case BROKER -> is(selector, "getSenderInfo(address)") ? senderInfo() : unknownFunction();
      case ROUNDS -> rounds(selector);
      // Every orchestrator of this chain is registered.
      case BONDING ->
          is(selector, "isRegisteredTranscoder(address)")
              ? Eth.hex(Wire.word(BigInteger.ONE))
              : unknownFunction();
      default -> "0x";
    };
  }

  private String rounds(String selector) {
    if (is(selector, "lastInitializedRound()")) {
      return Eth.hex(Wire.word(BigInteger.valueOf(chain.round())));
    }
    if (is(selector, "blockHashForRound(uint256)")) {
      return Eth.hex(chain.roundHash());
    }
    return unknownFunction();
  }

  private static String contract(byte[] input) {
    byte[] name = Arrays.copyOfRange(input, 4, 36);
    String address =
        Arrays.equals(name, hash("TicketBroker"))
            ? BROKER
            : Arrays.equals(name, hash("RoundsManager"))
                ? ROUNDS
                : Arrays.equals(name, hash("BondingManager")) ? BONDING : "0x00";
    return Eth.hex(Wire.word(new BigInteger(1, Eth.bytes(address))));
  }

  private String senderInfo() {
    return Eth.hex(
        Eth.concat(
            Wire.word(chain.deposit()),
            Wire.word(BigInteger.ZERO),
            Wire.word(chain.reserve()),
            Wire.word(BigInteger.ZERO)));
  }

  private static String unknownFunction() {
    return "0x";
  }

  private static boolean is(String selector, String signature) {
    return selector.equals(Eth.hex(Arrays.copyOf(hash(signature), 4)));
  }

  private static byte[] hash(String text) {
    return Eth.keccak(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String quantity(long value) {
    return "0x" + Long.toHexString(value);
  }
}
