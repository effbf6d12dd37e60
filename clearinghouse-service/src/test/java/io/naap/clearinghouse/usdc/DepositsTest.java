package io.naap.clearinghouse.usdc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.naap.clearinghouse.Samples;
import io.naap.clearinghouse.chain.JsonRpc;
import io.naap.clearinghouse.neighbour.Unguarded;
import io.naap.contracts.testing.Stores;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Stores.class)
@QuarkusTestResource(UsdcParts.class)
class DepositsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRANSFER =
      "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

  /** Grows over all tests, as the stored cursor does. */
  private static long finalized = 1_000;

  @Inject Deposits deposits;
  @Inject UsdcConfig config;
  private final List<String> logs = new ArrayList<>();
  private HttpServer node;
  private JsonRpc rpc;

  @BeforeEach
  void start() throws Exception {
    node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    node.createContext(
        "/",
        exchange -> {
          JsonNode asked = JSON.readTree(exchange.getRequestBody());
          byte[] answer = answer(asked).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    node.start();
    rpc =
        new JsonRpc(URI.create("http://127.0.0.1:" + node.getAddress().getPort()), new Unguarded());
    look();
  }

  @AfterEach
  void stop() {
    node.stop(0);
  }

  private String answer(JsonNode asked) {
    String result =
        "eth_getLogs".equals(asked.path("method").asText())
            ? "[" + String.join(",", logs) + "]"
            : "{\"number\":\"0x" + Long.toHexString(finalized) + "\"}";
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}";
  }

  private void look() throws IOException, InterruptedException {
    while (deposits.look(rpc)) {
      assertThat(finalized).isPositive();
    }
  }

  @Test
  void creditsATransferOnceWhenItsBlockIsFinal() throws Exception {
    String tenant = Samples.tenant();
    String address = Samples.usdcAddress(tenant);
    assertThat(Samples.usdcAddress(tenant)).isEqualTo(address);
    log(finalized + 5, address, 12_345_678, config.token(), false);

    look();
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    finalized += 4;
    look();
    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
    finalized += 1;
    look();
    look();
    finalized += 10;
    look();

    assertThat(Samples.balance(tenant)).startsWith("available 12.345678,");
  }

  @Test
  void ignoresDustOtherTokensOtherAddressesAndWhatWasTakenBack() throws Exception {
    String tenant = Samples.tenant();
    String address = Samples.usdcAddress(tenant);
    long block = finalized + 1;
    log(block, address, 9_999, config.token(), false);
    log(block, address, 5_000_000, "0x" + "11".repeat(20), false);
    log(block, "0x" + "22".repeat(20), 5_000_000, config.token(), false);
    log(block, address, 5_000_000, config.token(), true);
    finalized = block;

    look();

    assertThat(Samples.balance(tenant)).startsWith("available 0.00,");
  }

  @Test
  void everyTenantHasItsOwnAddress() {
    assertThat(Samples.usdcAddress(Samples.tenant()))
        .isNotEqualTo(Samples.usdcAddress(Samples.tenant()));
  }

  private void log(long block, String to, long amount, String token, boolean removed) {
    logs.add(
        """
        {"address":"%s","topics":["%s","0x%s","0x%s"],"data":"0x%064x","blockNumber":"0x%x",
         "blockHash":"0x%s","transactionHash":"0x%064x","logIndex":"0x%x","removed":%s}"""
            .formatted(
                token.toLowerCase(Locale.ROOT),
                TRANSFER,
                "0".repeat(64),
                "0".repeat(24) + to.substring(2).toLowerCase(Locale.ROOT),
                amount,
                block,
                "ab".repeat(32),
                block * 100 + logs.size(),
                logs.size(),
                removed));
  }
}
