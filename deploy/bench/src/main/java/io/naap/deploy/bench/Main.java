package io.naap.deploy.bench;

import java.nio.file.Path;
import java.util.List;

/** {@code bench keys [--json] [--keys N]}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    List<String> given = List.of(args);
    Path root = Path.of(System.getProperty("naap.root", "."));
    Figures figures = new Figures(given.contains("--json"), System.out, Figures.commit(root));
    int at = given.indexOf("--keys");
    int keys = at < 0 ? 1_000_000 : Integer.parseInt(given.get(at + 1));
    String what = given.isEmpty() ? "" : given.get(0);
    if (!what.equals("keys") || keys < 20_000) {
      System.err.println("usage: bench keys [--json] [--keys N], N at least 20000");
      System.exit(2);
    }
    KeysBench.run(root, keys, figures);
    figures.close();
    System.exit(figures.isOk() ? 0 : 1);
  }
}
