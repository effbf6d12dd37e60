package io.naap.clearinghouse.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Raw JSON-RPC: web3j's block type does not know {@code l1BlockNumber}, and four calls do not need
 * an ABI library.
 */
final class JsonRpc {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client;
  private final URI url;
  private final Duration timeout;

  JsonRpc(URI url, Duration timeout) {
    this.client = HttpClient.newBuilder().connectTimeout(timeout).build();
    this.url = url;
    this.timeout = timeout;
  }

  /** Calls a contract at the latest block. */
  byte[] call(String contract, String data) throws IOException, InterruptedException {
    ArrayNode parameters = JSON.createArrayNode();
    parameters.addObject().put("to", contract).put("data", data);
    parameters.add("latest");
    String result = ask("eth_call", parameters).asText();
    if (!result.startsWith("0x")) {
      throw new IOException("eth_call answered without a result");
    }
    return HexFormat.of().parseHex(result.substring(2));
  }

  JsonNode latestBlock() throws IOException, InterruptedException {
    return ask("eth_getBlockByNumber", JSON.createArrayNode().add("latest").add(false));
  }

  private JsonNode ask(String method, ArrayNode parameters)
      throws IOException, InterruptedException {
    String body =
        JSON.createObjectNode()
            .put("jsonrpc", "2.0")
            .put("id", 1)
            .put("method", method)
            .set("params", parameters)
            .toString();
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(method + " answered " + answer.statusCode());
    }
    JsonNode result = JSON.readTree(answer.body()).path("result");
    if (result.isMissingNode() || result.isNull()) {
      throw new IOException(method + " answered without a result");
    }
    return result;
  }
}
