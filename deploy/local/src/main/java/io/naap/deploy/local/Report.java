package io.naap.deploy.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What a run of steps came to, for a person as it goes and for a program at the end: {@code {"ok",
 * "commit", "figures": [{name, value, unit, must, aim, ok}], "steps": [{name, ok, ms, evidence}]}}.
 */
public final class Report {
  private final boolean json;
  private final PrintStream out;
  private final String commit;
  private final List<Step> steps = new ArrayList<>();
  private final List<Figure> figures = new ArrayList<>();

  public Report(boolean json, PrintStream out, String commit) {
    this.json = json;
    this.out = out;
    this.commit = commit;
  }

  /** One step and what it saw. */
  public record Step(String name, boolean ok, long ms, String evidence) {}

  /**
   * One measured number.
   *
   * @param must the most (or, where the unit says so, the exact value) it may be; null for none
   */
  record Figure(String name, BigDecimal value, String unit, BigDecimal must, boolean ok) {}

  /** Runs a step; its answer is the evidence, its exception the failure. */
  void step(String name, Callable<String> work) {
    long start = System.nanoTime();
    boolean ok = true;
    String evidence;
    try {
      evidence = work.call();
    } catch (Exception failed) {
      ok = false;
      evidence =
          failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
    }
    long ms = (System.nanoTime() - start) / 1_000_000;
    steps.add(new Step(name, ok, ms, evidence));
    if (!json) {
      out.printf("%s %-44s %6d ms  %s%n", ok ? "ok  " : "FAIL", name, ms, evidence);
    }
  }

  /** Notes a figure that has no bound. */
  void figure(String name, BigDecimal value, String unit) {
    add(new Figure(name, value, unit, null, true));
  }

  /** Notes a figure that must not be above a bound. */
  void figureAtMost(String name, BigDecimal value, String unit, BigDecimal must) {
    add(new Figure(name, value, unit, must, value.compareTo(must) <= 0));
  }

  /** Notes a figure that must be exactly what was computed beforehand. */
  void figureExactly(String name, BigDecimal value, String unit, BigDecimal must) {
    add(new Figure(name, value, unit, must, value.compareTo(must) == 0));
  }

  private void add(Figure figure) {
    figures.add(figure);
    if (!json) {
      out.printf(
          "%s %-44s %s %s%s%n",
          figure.ok() ? "ok  " : "FAIL",
          figure.name(),
          figure.value().toPlainString(),
          figure.unit(),
          figure.must() == null ? "" : " (must be " + figure.must().toPlainString() + ")");
    }
  }

  /** Every step, in order. */
  public List<Step> steps() {
    return List.copyOf(steps);
  }

  /** What was not as it must be, as lines. */
  public List<String> failures() {
    List<String> failures = new ArrayList<>();
    steps.stream().filter(step -> !step.ok()).forEach(step -> failures.add(step.toString()));
    figures.stream().filter(figure -> !figure.ok()).forEach(f -> failures.add(f.toString()));
    return failures;
  }

  boolean ok() {
    return steps.stream().allMatch(Step::ok) && figures.stream().allMatch(Figure::ok);
  }

  /** Prints the object, or the closing line. */
  void close() {
    if (!json) {
      long failed = steps.stream().filter(step -> !step.ok()).count();
      out.printf("%d steps, %d failed%n", steps.size(), failed);
      return;
    }
    ObjectNode object = new ObjectMapper().createObjectNode();
    object.put("ok", ok()).put("commit", commit);
    for (Figure figure : figures) {
      object
          .withArray("figures")
          .addObject()
          .put("name", figure.name())
          .put("value", figure.value())
          .put("unit", figure.unit())
          .put("must", figure.must())
          .putNull("aim")
          .put("ok", figure.ok());
    }
    for (Step step : steps) {
      object
          .withArray("steps")
          .addObject()
          .put("name", step.name())
          .put("ok", step.ok())
          .put("ms", step.ms())
          .put("evidence", step.evidence());
    }
    out.println(object);
  }
}
