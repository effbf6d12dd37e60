package io.naap.deploy.bench;

import java.nio.file.Path;
import java.util.List;

/** {@code bench keys [--json] [--keys N]}, {@code bench signer [--proof [--small]] [--json]}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    List<String> given = List.of(args);
    Path root = Path.of(System.getProperty("naap.root", "."));
    Figures figures = new Figures(given.contains("--json"), System.out, Figures.commit(root));
    int at = given.indexOf("--keys");
    int keys = at < 0 ? 1_000_000 : Integer.parseInt(given.get(at + 1));
    String what = given.isEmpty() ? "" : given.get(0);
    if (what.equals("signer")) {
      if (given.contains("--proof")) {
        SignerProof.run(root, given.contains("--small"), figures);
      } else {
        SignerBench.run(root, figures);
      }
      figures.close();
      System.exit(figures.isOk() ? 0 : 1);
    }
    if (!what.equals("keys") || keys < 20_000) {
      System.err.println(
          "usage: bench keys [--json] [--keys N], N at least 20000; bench signer [--proof] [--json]");
      System.exit(2);
    }
    KeysBench.run(root, keys, figures);
    figures.close();
    System.exit(figures.isOk() ? 0 : 1);
  }
}
