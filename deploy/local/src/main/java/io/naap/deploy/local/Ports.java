package io.naap.deploy.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Every port of the platform on this machine.
 *
 * @param origin the one that people use
 * @param auth first of the five services, in the order auth, keys, metering, router, clearinghouse
 * @param management first of their management ports
 */
record Ports(
    int origin,
    int auth,
    int management,
    int signer,
    int gateway,
    int control,
    int postgres,
    int redis) {

  private static final int BLOCK = 30;
  private static final int ATTEMPTS = 100;

  static Ports usual() {
    return new Ports(8080, 8081, 9081, 8935, 9935, 9936, 5442, 6389);
  }

  /** All ports in one block of thirty. */
  static Ports from(int base) {
    return new Ports(
        base, base + 1, base + 11, base + 20, base + 21, base + 22, base + 23, base + 24);
  }

  /** Some block in which every port is free, below those the system hands out by itself. */
  static Ports free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Ports ports = from(10_000 + BLOCK * ThreadLocalRandom.current().nextInt(700));
      if (ports.byName().values().stream().allMatch(Ports::isFree)) {
        return ports;
      }
    }
    throw new IllegalStateException("no free block of ports");
  }

  int http(Service service) {
    return auth + service.position();
  }

  int management(Service service) {
    return management + service.position();
  }

  /** Ports by what they are for. */
  Map<String, Integer> byName() {
    Map<String, Integer> names = new LinkedHashMap<>();
    names.put("origin", origin);
    for (Service service : Service.values()) {
      names.put(service.folder(), http(service));
      names.put(service.folder() + " management", management(service));
    }
    names.put("remote signer", signer);
    names.put("gateway simulator", gateway);
    names.put("simulator control", control);
    names.put("postgres", postgres);
    names.put("redis", redis);
    return names;
  }

  /** What is taken, as lines for a person; empty when all are free. */
  Map<String, String> taken() {
    Map<String, String> taken = new LinkedHashMap<>();
    byName()
        .forEach(
            (name, port) -> {
              if (!isFree(port)) {
                taken.put(
                    name, "port " + port + " is taken by " + owner(port).orElse("another process"));
              }
            });
    return taken;
  }

  /** True when something on loopback takes a connection within so long. */
  static boolean answers(int port, int millis) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /**
   * Name and pid of the process that listens, from {@code ss} or {@code lsof}, where there is one.
   */
  private static Optional<String> owner(int port) {
    return run("ss", "-Hltnp", "sport = :" + port)
        .filter(out -> out.contains("users:"))
        .map(out -> out.replaceAll("(?s).*users:\\(\\(\"([^\"]+)\",pid=(\\d+).*", "$1 (pid $2)"))
        .or(
            () ->
                run("lsof", "-nP", "-iTCP:" + port, "-sTCP:LISTEN", "-Fpc")
                    .filter(out -> out.startsWith("p"))
                    .map(out -> out.replaceAll("(?s)p(\\d+)\\s+c(\\S+).*", "$2 (pid $1)")));
  }

  private static Optional<String> run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(5, TimeUnit.SECONDS) ? Optional.of(out.strip()) : Optional.empty();
    } catch (IOException notThere) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
