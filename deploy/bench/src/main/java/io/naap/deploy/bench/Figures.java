package io.naap.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * What a benchmark measured, for a person as it goes and for a program at the end: {@code {"ok",
 * "commit", "figures": [{name, value, unit, must, aim, ok}], "steps": [{name, ok, ms, evidence}]}}.
 */
final class Figures {
  private final boolean json;
  private final PrintStream out;
  private final ObjectNode object = new ObjectMapper().createObjectNode();
  private boolean ok = true;

  Figures(boolean json, PrintStream out, String commit) {
    this.json = json;
    this.out = out;
    object.put("ok", true).put("commit", commit);
    object.putArray("figures");
    object.putArray("steps");
  }

  /** The commit that is measured; "unknown" outside a clone. */
  static String commit(Path root) {
    try {
      Process git =
          new ProcessBuilder("git", "-C", root.toString(), "rev-parse", "--short", "HEAD").start();
      String text = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? text : "unknown";
    } catch (IOException noGit) {
      return "unknown";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  /** Does something that what follows needs; its answer is the evidence. */
  <T> T step(String name, Callable<T> work) throws Exception {
    long start = System.nanoTime();
    T done = work.call();
    long ms = (System.nanoTime() - start) / 1_000_000;
    object
        .withArray("steps")
        .addObject()
        .put("name", name)
        .put("ok", true)
        .put("ms", ms)
        .put("evidence", String.valueOf(done));
    if (!json) {
      out.printf("ok   %-56s %8d ms  %s%n", name, ms, done);
    }
    return done;
  }

  /** The median and the 99th percentile of so many latencies. */
  void latencies(String name, long[] nanos) {
    Arrays.sort(nanos);
    add(name + " p50", percentile(nanos, 50));
    add(name + " p99", percentile(nanos, 99));
  }

  /** The smallest value that so many percent are not above. */
  static long percentile(long[] sorted, int percent) {
    return sorted[Math.max(0, Math.ceilDiv(sorted.length * percent, 100) - 1)];
  }

  /** Something must hold. */
  void must(String name, boolean holds, String evidence) {
    ok &= holds;
    object
        .withArray("steps")
        .addObject()
        .put("name", name)
        .put("ok", holds)
        .put("ms", 0)
        .put("evidence", evidence);
    if (!json) {
      out.printf("%s %-56s %11s  %s%n", holds ? "ok  " : "FAIL", name, "", evidence);
    }
  }

  private void add(String name, long nanos) {
    BigDecimal ms = BigDecimal.valueOf(nanos, 6).setScale(2, RoundingMode.HALF_UP);
    object
        .withArray("figures")
        .addObject()
        .put("name", name)
        .put("value", ms)
        .put("unit", "ms")
        .putNull("must")
        .putNull("aim")
        .put("ok", true);
    if (!json) {
      out.printf("     %-56s %8s ms%n", name, ms.toPlainString());
    }
  }

  /**
   * So many in a second.
   *
   * @param must the least it has to be, null for none
   * @param aim what it should be, null for none
   */
  void rate(String name, BigDecimal value, String unit, Long must, Long aim) {
    figure(name, value, unit, must, aim, must == null || value.longValue() >= must);
  }

  /** A latency, with the most milliseconds it may and should be. */
  void latency(String name, long nanos, Long must, Long aim) {
    BigDecimal ms = BigDecimal.valueOf(nanos, 6).setScale(2, RoundingMode.HALF_UP);
    figure(name, ms, "ms", must, aim, must == null || ms.compareTo(BigDecimal.valueOf(must)) <= 0);
  }

  /** One figure in multiples of another. */
  void ratio(String name, BigDecimal one, BigDecimal other) {
    figure(name, one.divide(other, 2, RoundingMode.HALF_UP), "x", null, null, true);
  }

  private void figure(
      String name, BigDecimal value, String unit, Long must, Long aim, boolean holds) {
    ok &= holds;
    object
        .withArray("figures")
        .addObject()
        .put("name", name)
        .put("value", value)
        .put("unit", unit)
        .put("must", must)
        .put("aim", aim)
        .put("ok", holds);
    if (!json) {
      out.printf(
          "%s %-68s %10s %s%s%n",
          holds ? "    " : "FAIL",
          name,
          value.toPlainString(),
          unit,
          must == null ? "" : "  (must " + must + ", aim " + aim + ")");
    }
  }

  boolean isOk() {
    return ok;
  }

  void close() {
    if (json) {
      object.put("ok", ok);
      out.println(object);
    }
  }
}
