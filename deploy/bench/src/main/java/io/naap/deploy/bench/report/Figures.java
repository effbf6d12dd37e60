package io.naap.deploy.bench.report;

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
 * What a benchmark measured, for a person as it goes (on standard error, when standard output is
 * for a program) and for a program at the end: {@code {"ok", "commit", "figures": [{name, value,
 * unit, must, aim, ok}], "steps": [{name, ok, ms, evidence}]}}.
 */
public final class Figures {
  private final boolean json;
  private final PrintStream out;
  private final PrintStream person;
  private final ObjectNode object = new ObjectMapper().createObjectNode();
  private boolean ok = true;

  public Figures(boolean json, PrintStream out, String commit) {
    this.json = json;
    this.out = out;
    this.person = json ? System.err : out;
    object.put("ok", true).put("commit", commit);
    object.putArray("figures");
    object.putArray("steps");
  }

  /** The commit that is measured; "unknown" outside a clone. */
  public static String commit(Path root) {
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
  public <T> T step(String name, Callable<T> work) throws Exception {
    System.err.println("bench: " + name);
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
    person.printf("ok   %-56s %8d ms  %s%n", name, ms, done);
    return done;
  }

  /** The median and the 99th percentile of so many latencies. */
  public void latencies(String name, long[] nanos) {
    Arrays.sort(nanos);
    latency(name + " p50", percentile(nanos, 50));
    latency(name + " p99", percentile(nanos, 99));
  }

  /** The smallest value that so many percent are not above. */
  public static long percentile(long[] sorted, int percent) {
    return sorted[Math.max(0, Math.ceilDiv(sorted.length * percent, 100) - 1)];
  }

  /** Something must hold. */
  public void must(String name, boolean holds, String evidence) {
    ok &= holds;
    object
        .withArray("steps")
        .addObject()
        .put("name", name)
        .put("ok", holds)
        .put("ms", 0)
        .put("evidence", evidence);
    person.printf("%s %-56s %11s  %s%n", holds ? "ok  " : "FAIL", name, "", evidence);
  }

  /** A latency that nothing is asked of. */
  public void latency(String name, long nanos) {
    plain(name, milliseconds(nanos), "ms");
  }

  /** A latency with the most milliseconds it may have. */
  public void latencyAtMost(String name, long nanos, String must, String aim) {
    atMost(name, milliseconds(nanos), "ms", must, aim);
  }

  /** A time for people to read. */
  public static String spent(long nanos) {
    return nanos / 1_000_000 + " ms";
  }

  private static BigDecimal milliseconds(long nanos) {
    return BigDecimal.valueOf(nanos, 6).setScale(2, RoundingMode.HALF_UP);
  }

  /** One figure in multiples of another; nothing is asked of it. */
  public void ratio(String name, BigDecimal one, BigDecimal other) {
    plain(name, one.divide(other, 2, RoundingMode.HALF_UP), "x");
  }

  /** What nothing is asked of. */
  public void plain(String name, BigDecimal value, String unit) {
    figure(name, value, unit, null, null, true);
  }

  /** What must not be below {@code must}. */
  public void atLeast(String name, BigDecimal value, String unit, String must, String aim) {
    boolean holds = value.compareTo(new BigDecimal(must)) >= 0;
    figure(name, value, unit, must, aim, holds);
  }

  /** What must not be above {@code must}. */
  public void atMost(String name, BigDecimal value, String unit, String must, String aim) {
    boolean holds = value.compareTo(new BigDecimal(must)) <= 0;
    figure(name, value, unit, must, aim, holds);
  }

  private void figure(
      String name, BigDecimal value, String unit, String must, String aim, boolean holds) {
    ok &= holds;
    object
        .withArray("figures")
        .addObject()
        .put("name", name)
        .put("value", value)
        .put("unit", unit)
        .put("must", must == null ? null : new BigDecimal(must))
        .put("aim", aim == null ? null : new BigDecimal(aim))
        .put("ok", holds);
    person.printf(
        "%s %-72s %10s %-10s%s%n",
        must == null ? "    " : holds ? "ok  " : "FAIL",
        name,
        value.toPlainString(),
        unit,
        must == null ? "" : " must " + must + ", aim " + aim);
  }

  public boolean isOk() {
    return ok;
  }

  public void close() {
    if (json) {
      object.put("ok", ok);
      out.println(object);
    }
  }
}
