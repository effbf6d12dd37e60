package io.naap.deploy.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process that we started and will stop. */
final class Child implements AutoCloseable {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final Duration START_LIMIT = Duration.ofMinutes(4);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final String name;
  private final Process process;
  private final Path log;
  private final URI ready;

  private Child(String name, Process process, Path log, URI ready) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.ready = ready;
  }

  static Child start(String name, List<String> command, Path log, URI ready) {
    try {
      Files.createDirectories(log.getParent());
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      return new Child(name, process, log, ready);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot start " + name, failed);
    }
  }

  String name() {
    return name;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Why it ended: its status, and the last thing in its log that looks like an error. */
  String reason() {
    if (process.isAlive()) {
      return "it still runs";
    }
    int status = process.exitValue();
    String how =
        status > 128 && status < 160
            ? "killed by signal " + (status - 128)
            : "exit status " + status;
    return lastError().map(line -> how + "; " + line).orElse(how + "; see " + log);
  }

  private Optional<String> lastError() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.subList(Math.max(0, lines.size() - 200), lines.size()).stream()
          .filter(line -> line.contains("ERROR") || line.contains("OutOfMemoryError"))
          .reduce((before, last) -> last)
          .map(line -> line.length() > 300 ? line.substring(0, 300) + "..." : line);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** Waits until the process says it is ready. */
  void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            name
                + " ended with status "
                + process.exitValue()
                + "; the end of "
                + log
                + ":\n"
                + tail());
      }
      if (answers()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException(
        name
            + " is not ready after "
            + START_LIMIT.toSeconds()
            + " s; the end of "
            + log
            + ":\n"
            + tail());
  }

  private boolean answers() throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(ready).timeout(Duration.ofSeconds(5)).GET().build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException unreadable) {
      return "(unreadable)";
    }
  }

  /** Ends the process as a crash would, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Asks the process to end; what does not listen is killed. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
