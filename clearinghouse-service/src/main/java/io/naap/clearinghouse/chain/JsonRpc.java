package io.naap.clearinghouse.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.naap.clearinghouse.neighbour.CallGuard;
import io.naap.clearinghouse.wallet.Address;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A client of an RPC node. It speaks JSON-RPC itself: web3j's block type has no {@code
 * l1BlockNumber}, and the few contract calls need no ABI library.
 */
public final class JsonRpc {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client;
  private final URI url;
  private final CallGuard guard;

  public JsonRpc(URI url, CallGuard guard) {
    this.client = HttpClient.newHttpClient();
    this.url = url;
    this.guard = guard;
  }

  /** Calls a contract at the latest block. */
  public byte[] call(String contract, String data) throws IOException, InterruptedException {
    return call(contract, data, "latest");
  }

  /**
   * Calls a contract.
   *
   * @param block a quantity, or a tag
   */
  public byte[] call(String contract, String data, String block)
      throws IOException, InterruptedException {
    ArrayNode parameters = JSON.createArrayNode();
    parameters.addObject().put("to", contract).put("data", data);
    parameters.add(block);
    String result = ask("eth_call", parameters).asText();
    if (!result.startsWith("0x")) {
      throw new IOException("eth_call answered without a result");
    }
    return HexFormat.of().parseHex(result.substring(2));
  }

  public JsonNode latestBlock() throws IOException, InterruptedException {
    return ask("eth_getBlockByNumber", JSON.createArrayNode().add("latest").add(false));
  }

  /**
   * The newest final block: the node's {@code finalized} one, or a number of blocks below the
   * newest.
   *
   * @param tag true when the node knows {@code finalized}
   * @return negative while the chain is shorter than {@code blocks}
   */
  public BigInteger finalBlock(boolean tag, long blocks) throws IOException, InterruptedException {
    return tag
        ? number(ask("eth_getBlockByNumber", parameters("finalized", false)).path("number"))
        : number(latestBlock().path("number")).subtract(BigInteger.valueOf(blocks));
  }

  /**
   * The logs of a contract.
   *
   * @param topics as {@code eth_getLogs} takes them
   */
  public JsonNode logs(String contract, BigInteger from, BigInteger to, List<Object> topics)
      throws IOException, InterruptedException {
    return ask(
        "eth_getLogs",
        parameters(
            Map.of(
                "address",
                contract,
                "fromBlock",
                quantity(from),
                "toBlock",
                quantity(to),
                "topics",
                topics)));
  }

  /** The balance of an address in wei, at the latest block. */
  public BigInteger balance(Address address) throws IOException, InterruptedException {
    return number(ask("eth_getBalance", parameters(address.lowerCase(), "latest")));
  }

  /** The node answered with an error: what it was asked has not happened. */
  public static final class RpcException extends IOException {
    private static final long serialVersionUID = 1L;

    RpcException(String message) {
      super(message);
    }
  }

  /** Parameters of a question: strings, numbers, booleans, maps and lists. */
  public static ArrayNode parameters(Object... values) {
    ArrayNode parameters = JSON.createArrayNode();
    for (Object value : values) {
      parameters.add(JSON.<JsonNode>valueToTree(value));
    }
    return parameters;
  }

  /** A number as the chain writes it. */
  public static String quantity(BigInteger value) {
    return "0x" + value.toString(16);
  }

  /**
   * Reads a number.
   *
   * @throws IOException when it is none
   */
  public static BigInteger number(JsonNode quantity) throws IOException {
    String text = quantity.asText("");
    if (!text.matches("0x[0-9a-fA-F]{1,64}")) {
      throw new IOException("a node answered with no number");
    }
    return new BigInteger(text.substring(2), 16);
  }

  /** As {@link #ask}, where the answer may be null. */
  public Optional<JsonNode> find(String method, ArrayNode parameters)
      throws IOException, InterruptedException {
    JsonNode result = answer(method, parameters);
    return result.isNull() ? Optional.empty() : Optional.of(result);
  }

  /**
   * Asks the node.
   *
   * @throws RpcException when it answers with an error
   */
  public JsonNode ask(String method, ArrayNode parameters)
      throws IOException, InterruptedException {
    JsonNode result = answer(method, parameters);
    if (result.isNull()) {
      throw new IOException(method + " answered without a result");
    }
    return result;
  }

  private JsonNode answer(String method, ArrayNode parameters)
      throws IOException, InterruptedException {
    String body =
        JSON.createObjectNode()
            .put("jsonrpc", "2.0")
            .put("id", 1)
            .put("method", method)
            .set("params", parameters)
            .toString();
    return guard.call(JsonNode.class, () -> send(method, body));
  }

  private JsonNode send(String method, String body) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(method + " answered " + answer.statusCode());
    }
    JsonNode whole = JSON.readTree(answer.body());
    if (whole == null || !whole.isObject()) {
      throw new IOException(method + " answered no JSON-RPC");
    }
    if (whole.hasNonNull("error")) {
      String message = whole.path("error").path("message").asText("unknown");
      throw new RpcException(method + ": " + message.substring(0, Math.min(300, message.length())));
    }
    if (!whole.has("result")) {
      throw new IOException(method + " answered without a result");
    }
    return whole.path("result");
  }
}
