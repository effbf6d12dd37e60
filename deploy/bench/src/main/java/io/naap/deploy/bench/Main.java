package io.naap.deploy.bench;

import io.naap.deploy.bench.abuse.AbuseBench;
import io.naap.deploy.bench.metering.MeteringBench;
import io.naap.deploy.bench.metering.MeteringProof;
import io.naap.deploy.bench.report.Figures;
import io.naap.deploy.bench.router.RouterBench;
import io.naap.deploy.bench.treasury.TreasuryProof;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code bench keys|metering|router|signer|treasury|abuse [--json]}, and how much: see {@code
 * usage}.
 */
public final class Main {
  private static final String USAGE =
      """
      usage: bench keys   [--json] [--keys N]                          N at least 20000, usually 1000000
             bench router [--json] [--rounds N] [--seconds S] [--keys N] [--only loops|streams|keys]   usually 3, 4 and 1000000
             bench metering [--json] [--events N] [--stored N] [--invoices N]   usually 400000, 5000000 and 10000
                            [--only ingest,latency,invoices,store,dashboard,full,export] [--data DIR] [--empty RATE]
             bench metering [--json] --proof [--events N]                       usually 1000000
             bench signer [--json] [--proof [--small] [--kills N]]               usually 200
             bench abuse  [--json] [--seconds S] [--only ID,ID]   usually 60
                          IDs: signin, stripe, github, tenant, bytes, json, names, forms, keys, readers, unserved, webhooks
             bench treasury [--json] --proof [--intents N] [--kills N] [--reorgs N]   usually 500, 20 and 50""";

  private static final String[] NONE = {};

  private final List<String> given;

  private Main(List<String> given) {
    this.given = given;
  }

  public static void main(String[] args) throws Exception {
    Main main = new Main(List.of(args));
    // Stopped half way, it leaves no store or service behind.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy)));
    System.err.println("bench: " + String.join(" ", args));
    Path root = Path.of(System.getProperty("naap.root", "."));
    Figures figures = new Figures(main.given.contains("--json"), System.out, Figures.commit(root));
    try {
      switch (main.given.isEmpty() ? "" : main.given.get(0)) {
        case "keys" -> KeysBench.run(root, main.number("--keys", 1_000_000, 20_000), figures);
        case "router" ->
            RouterBench.run(
                root,
                new RouterBench.Options(
                    main.number("--rounds", 3, 1),
                    main.number("--seconds", 4, 1),
                    main.number("--keys", 1_000_000, 1_000),
                    main.given.contains("--alone"),
                    main.phases()),
                figures);
        case "metering" -> {
          if (main.given.contains("--proof")) {
            MeteringProof.run(root, main.number("--events", 1_000_000, 1_000), figures);
          } else {
            MeteringBench.run(
                root,
                new MeteringBench.Options(
                    main.number("--events", 400_000, 20_000),
                    main.number("--stored", 5_000_000, 100_000),
                    main.number("--invoices", 10_000, 100),
                    Set.of(main.text("--only").map(text -> text.split(",", -1)).orElse(NONE)),
                    main.text("--data").map(Path::of),
                    main.text("--empty").map(BigDecimal::new)),
                figures);
          }
        }
        case "signer" -> {
          if (main.given.contains("--proof")) {
            boolean small = main.given.contains("--small");
            SignerProof.run(root, small, main.number("--kills", small ? 3 : 200, 1), figures);
          } else {
            SignerBench.run(root, figures);
          }
        }
        case "abuse" ->
            AbuseBench.run(
                root,
                new AbuseBench.Options(
                    main.number("--seconds", 60, 5),
                    List.of(main.text("--only").map(text -> text.split(",", -1)).orElse(NONE))),
                figures);
        case "treasury" -> {
          if (!main.given.contains("--proof")) {
            throw new IllegalArgumentException("treasury has a --proof and no figures");
          }
          TreasuryProof.run(
              root,
              new TreasuryProof.Options(
                  main.number("--intents", 500, 0),
                  main.number("--kills", 20, 0),
                  main.number("--reorgs", 50, 0),
                  main.number("--seed", 7, 0)),
              figures);
        }
        default -> throw new IllegalArgumentException("name what is measured");
      }
    } catch (IllegalArgumentException wrong) {
      System.err.println("naap bench: " + wrong.getMessage() + "\n" + USAGE);
      System.exit(2);
    }
    figures.close();
    System.exit(figures.isOk() ? 0 : 1);
  }

  private List<RouterBench.Phase> phases() {
    int at = given.indexOf("--only");
    if (at < 0) {
      return List.of(RouterBench.Phase.values());
    }
    String text = at + 1 < given.size() ? given.get(at + 1) : "";
    return switch (text) {
      case "loops" -> List.of(RouterBench.Phase.LOOPS);
      case "streams" -> List.of(RouterBench.Phase.STREAMS);
      case "keys" -> List.of(RouterBench.Phase.KEYS);
      default -> throw new IllegalArgumentException("--only takes loops, streams or keys");
    };
  }

  private Optional<String> text(String option) {
    int at = given.indexOf(option);
    return at < 0 || at + 1 >= given.size() ? Optional.empty() : Optional.of(given.get(at + 1));
  }

  private int number(String option, int usual, int least) {
    int at = given.indexOf(option);
    if (at < 0) {
      return usual;
    }
    String text = at + 1 < given.size() ? given.get(at + 1) : "";
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least) {
      throw new IllegalArgumentException(option + " takes a number of at least " + least);
    }
    return Integer.parseInt(text);
  }
}
