package io.naap.deploy.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The command line: {@code --name value} pairs, named after go-livepeer's flags where it has them.
 *
 * @param host both ports listen on; loopback unless told otherwise
 * @param httpPort the gateway's public port
 * @param controlPort chain, orchestrator state and faults
 * @param liveAuthUrl {@code -liveAIAuthWebhookUrl}; empty for none
 * @param heartbeatUrl {@code -liveAIHeartbeatURL}; empty for none
 * @param heartbeatMillis between heartbeats and between payments; go-livepeer has 5 s
 * @param signerUrl {@code -remoteSignerUrl}; empty for none
 * @param signerToken sent as {@code Authorization: Bearer}, as {@code -remoteSignerHeaders} would
 */
record Settings(
    String host,
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
      given.put(arguments[at], read(arguments[at + 1]));
    }
    return new Settings(
        given.getOrDefault("--host", "127.0.0.1"),
        Integer.parseInt(given.getOrDefault("--http-port", "9935")),
        Integer.parseInt(given.getOrDefault("--control-port", "9936")),
        given.getOrDefault("--live-auth-url", ""),
        given.getOrDefault("--heartbeat-url", ""),
        Long.parseLong(given.getOrDefault("--heartbeat-ms", "5000")),
        given.getOrDefault("--signer-url", ""),
        given.getOrDefault("--signer-token", ""));
  }

  /** A value that starts with {@code @} is read from that file: secrets stay off command lines. */
  private static String read(String value) {
    if (!value.startsWith("@")) {
      return value;
    }
    try {
      return Files.readString(Path.of(value.substring(1))).strip();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  public String toString() {
    return "Settings[" + httpPort + ", " + controlPort + "]";
  }
}
