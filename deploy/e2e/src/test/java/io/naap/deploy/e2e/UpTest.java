package io.naap.deploy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.naap.deploy.local.Api;
import io.naap.deploy.local.Platform;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code ./naap up} as a person runs it. */
@Execution(ExecutionMode.CONCURRENT)
class UpTest {
  private static final Pattern KEY = Pattern.compile("demo key +(naap_live_[0-9A-Za-z]{50})");
  private static final Pattern CURL = Pattern.compile("(?m)^ +(curl -s .*)$");
  private static final int PORT_BASE = Platform.freePortBase();

  @TempDir Path folder;
  private Process up;

  @AfterEach
  void stopWhatATestLeftRunning() throws InterruptedException {
    if (up != null && up.isAlive()) {
      interrupt();
    }
  }

  @Test
  void printsACurlLineThatWorksStopsWithoutATraceAndKeepsItsData() throws Exception {
    String first = start("1");
    String key = find(KEY, first);
    List<ProcessHandle> children = up.descendants().toList();
    assertThat(children).hasSizeGreaterThan(6);

    Process curl =
        new ProcessBuilder("bash", "-c", find(CURL, first)).redirectErrorStream(true).start();
    String images = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(images).contains("\"images\"", ".png");
    long jobs = jobs(first);
    assertThat(jobs).isEqualTo(1);

    assertThat(refusedStart()).contains("already runs on").contains("--data");
    assertThat(otherFolder())
        .contains("port " + PORT_BASE + " is taken by")
        .contains("--port-base");

    isDurableAndAsksForAPassword();
    listensOnLoopbackOnly();
    startsAgainWhatStops();

    children = up.descendants().toList();
    interrupt();
    assertThat(up.exitValue()).isNotNegative();
    for (ProcessHandle child : children) {
      child.onExit().get(10, TimeUnit.SECONDS);
    }

    String second = start("2");
    assertThat(find(KEY, second)).isEqualTo(key);
    assertThat(jobs(second)).isEqualTo(1);
    interrupt();
  }

  /** What the platform presents as stored, a dead machine must not take back. */
  private void isDurableAndAsksForAPassword() throws Exception {
    String password = Files.readString(folder.resolve("data/secrets/postgres")).strip();
    String url = "jdbc:postgresql://127.0.0.1:" + (PORT_BASE + 23) + "/postgres";
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      try (Connection connection = DriverManager.getConnection(url, "postgres", password);
          ResultSet value = connection.createStatement().executeQuery("show " + setting)) {
        assertThat(value.next()).isTrue();
        assertThat(value.getString(1)).as(setting).isEqualTo("on");
      }
    }
    assertThatThrownBy(() -> DriverManager.getConnection(url, "postgres", "postgres"))
        .hasMessageContaining("password authentication failed");
  }

  /** Every port of the platform, as the kernel has it. */
  private static void listensOnLoopbackOnly() throws IOException {
    List<String> open = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] words = line.strip().split(" +", -1);
        if (words.length < 4 || !words[3].equals("0A")) {
          continue;
        }
        String address = words[1].substring(0, words[1].indexOf(':'));
        int port = Integer.parseInt(words[1].substring(words[1].indexOf(':') + 1), 16);
        boolean loopback =
            address.endsWith("7F")
                || address.equals("00000000000000000000000001000000")
                || (address.startsWith("0000000000000000FFFF0000") && address.endsWith("7F"));
        if (port >= PORT_BASE && port < PORT_BASE + 30 && !loopback) {
          open.add(port + " on " + address);
        }
      }
    }
    assertThat(open).isEmpty();
  }

  /** A service is killed, and Redis: both are there again, and it is said what they were. */
  private void startsAgainWhatStops() throws Exception {
    ProcessHandle keys = descendant("keys-service");
    keys.destroyForcibly();
    said("keys-service stopped: killed by signal 9", "keys-service was started again");
    descendant("redis-server").destroyForcibly();
    said("Redis stopped", "Redis was started again");
  }

  private ProcessHandle descendant(String name) {
    return up.descendants()
        .filter(
            child ->
                child.info().commandLine().orElse("").contains(name)
                    || child.info().command().orElse("").contains(name))
        .findFirst()
        .orElseThrow();
  }

  private void said(String... texts) throws Exception {
    for (int look = 0; look < 600; look++) {
      String log = Files.readString(folder.resolve("up-1.log"));
      if (Stream.of(texts).allMatch(log::contains)) {
        return;
      }
      assertThat(up.isAlive()).as(log).isTrue();
      Thread.sleep(100);
    }
    throw new AssertionError(Files.readString(folder.resolve("up-1.log")));
  }

  private String start(String run) throws IOException, InterruptedException {
    Path log = folder.resolve("up-" + run + ".log");
    up = launch(log, folder.resolve("data"));
    for (int i = 0; i < 1_200; i++) {
      String text = Files.readString(log);
      if (text.contains("Ctrl-C stops everything")) {
        return text;
      }
      assertThat(up.isAlive()).as(text).isTrue();
      Thread.sleep(100);
    }
    throw new AssertionError("not ready: " + Files.readString(log));
  }

  private static Process launch(Path log, Path data) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Repository.ROOT.resolve("naap").toString(),
            "up",
            "--data",
            data.toString(),
            "--port-base",
            String.valueOf(PORT_BASE));
    // These tests run inside the build.
    builder.environment().put("NAAP_BUILT", "1");
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private String refusedStart() throws Exception {
    return refused("same", folder.resolve("data"));
  }

  private String otherFolder() throws Exception {
    return refused("other", folder.resolve("other"));
  }

  private String refused(String name, Path data) throws Exception {
    Path log = folder.resolve(name + ".log");
    Process process = launch(log, data);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    return Files.readString(log);
  }

  private void interrupt() throws InterruptedException {
    // What Ctrl-C sends.
    try {
      new ProcessBuilder("kill", "-INT", String.valueOf(up.pid())).start().waitFor();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  /** Jobs the demonstration tenant's usage shows, as the operator sees it. */
  private static long jobs(String output) throws InterruptedException {
    Api api = new Api(URI.create("http://localhost:" + PORT_BASE));
    String token = find(Pattern.compile("operator token +(\\S+)"), output);
    long jobs = 0;
    for (int i = 0; i < 50 && jobs == 0; i++) {
      Thread.sleep(100);
      jobs = api.get("/v1/usage", token).expect(200).json().at("/total/requests").asLong();
    }
    return jobs;
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return matcher.group(1);
  }
}
