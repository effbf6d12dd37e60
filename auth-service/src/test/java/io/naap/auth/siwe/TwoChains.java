package io.naap.auth.siwe;

import io.naap.contracts.testing.Anvil;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.Map;

/**
 * Starts two real chains, configures a third with an unreachable endpoint, and lifts the limits on
 * attempts.
 */
public class TwoChains implements QuarkusTestResourceLifecycleManager {
  static final long DOWN = 10;
  private Anvil mainnet;
  private Anvil arbitrum;

  @Override
  public Map<String, String> start() {
    mainnet = Anvil.start(1);
    arbitrum = Anvil.start(42161);
    try (ServerSocket socket = new ServerSocket(0)) {
      return Map.of(
          "naap.auth.siwe.chain-ids",
          "1,42161," + DOWN,
          "naap.auth.siwe.rpc.1",
          mainnet.url().toString(),
          "naap.auth.siwe.rpc.42161",
          arbitrum.url().toString(),
          "naap.auth.siwe.rpc." + DOWN,
          "http://127.0.0.1:" + socket.getLocalPort(),
          "naap.auth.limits.per-address",
          "1000000");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void stop() {
    if (mainnet != null) {
      mainnet.close();
    }
    if (arbitrum != null) {
      arbitrum.close();
    }
  }
}
