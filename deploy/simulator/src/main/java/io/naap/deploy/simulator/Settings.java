package io.naap.deploy.simulator;

import java.util.HashMap;
import java.util.Map;

/**
 * The command line: {@code --name value} pairs, named after go-livepeer's flags where it has them.
 *
 * @param httpPort the gateway's public port
 * @param controlPort chain, orchestrator state and faults
 * @param liveAuthUrl {@code -liveAIAuthWebhookUrl}; empty for none
 * @param heartbeatUrl {@code -liveAIHeartbeatURL}; empty for none
 * @param heartbeatMillis between heartbeats and between payments; go-livepeer has 5 s
 * @param signerUrl {@code -remoteSignerUrl}; empty for none
 * @param signerToken sent as {@code Authorization: Bearer}, as {@code -remoteSignerHeaders} would
 */
record Settings(
    int httpPort,
    int controlPort,
    String liveAuthUrl,
    String heartbeatUrl,
    long heartbeatMillis,
    String signerUrl,
    String signerToken) {

  static Settings parse(String... arguments) {
    Map<String, String> given = new HashMap<>();
    for (int at = 0; at + 1 < arguments.length; at += 2) {
      given.put(arguments[at], arguments[at + 1]);
    }
    return new Settings(
        Integer.parseInt(given.getOrDefault("--http-port", "9935")),
        Integer.parseInt(given.getOrDefault("--control-port", "9936")),
        given.getOrDefault("--live-auth-url", ""),
        given.getOrDefault("--heartbeat-url", ""),
        Long.parseLong(given.getOrDefault("--heartbeat-ms", "5000")),
        given.getOrDefault("--signer-url", ""),
        secretOf(given.getOrDefault("--signer-token-file", "")));
  }

  private static String secretOf(String file) {
    if (file.isEmpty()) {
      return "";
    }
    try {
      return java.nio.file.Files.readString(java.nio.file.Path.of(file)).strip();
    } catch (java.io.IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }

  @Override
  public String toString() {
    return "Settings[" + httpPort + ", " + controlPort + "]";
  }
}
