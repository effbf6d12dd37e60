package io.naap.deploy.bench.router;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process of the benchmark, with what it and its children use.
 *
 * @param log where its output goes
 */
record Started(String name, Process process, Path log) implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  /** Starts a program with its output in {@code <name>.log} of the folder. */
  static Started start(String name, Path folder, Map<String, String> environment, String... command)
      throws IOException {
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Started started = new Started(name, builder.start(), log);
    // Whoever stops the benchmark in the middle must not find its processes still there.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> started.family().forEach(ProcessHandle::destroyForcibly)));
    return started;
  }

  /** A port that nobody listens on now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Waits until somebody listens on the port. */
  void awaitPort(int port) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
        return;
      } catch (IOException notYet) {
        Thread.sleep(50);
      }
    }
    throw new IllegalStateException(name + " does not start; see " + log);
  }

  /** Processor time of the process and its children so far, in hundredths of a second. */
  long processorTicks() throws IOException {
    long ticks = 0;
    for (ProcessHandle handle : family()) {
      Path stat = Path.of("/proc", Long.toString(handle.pid()), "stat");
      if (Files.exists(stat)) {
        String text = Files.readString(stat);
        // The name, in parentheses, may hold anything; what follows it does not.
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      }
    }
    return ticks;
  }

  /** Resident memory of the process and its children, in MiB. */
  long residentMebibytes() throws IOException {
    long kibibytes = 0;
    for (ProcessHandle handle : family()) {
      Path status = Path.of("/proc", Long.toString(handle.pid()), "status");
      if (Files.exists(status)) {
        try (Stream<String> lines = Files.lines(status)) {
          kibibytes +=
              lines
                  .filter(line -> line.startsWith("VmRSS:"))
                  .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                  .sum();
        }
      }
    }
    return kibibytes / 1024;
  }

  private List<ProcessHandle> family() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    return all;
  }

  @Override
  public void close() {
    List<ProcessHandle> all = family();
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
