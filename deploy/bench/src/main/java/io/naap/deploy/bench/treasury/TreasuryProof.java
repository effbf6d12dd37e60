package io.naap.deploy.bench.treasury;

import com.fasterxml.jackson.databind.JsonNode;
import io.naap.deploy.bench.report.Figures;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Each intent is mined exactly once, whatever the node says and however often the process dies;
 * each deposit is credited once and only when it is final, whatever is taken back above that.
 */
public final class TreasuryProof {
  private static final int DEEPEST = 12;
  private static final int TENANTS = 5;
  private static final long MOST_MINUTES = 8;

  private final TreasuryLab lab;
  private final Figures figures;
  private final Options options;
  private final SplittableRandom random;

  private TreasuryProof(TreasuryLab lab, Figures figures, Options options) {
    this.lab = lab;
    this.figures = figures;
    this.options = options;
    this.random = new SplittableRandom(options.seed());
  }

  /**
   * How much.
   *
   * @param intents none leaves that part out
   * @param reorgs the same
   */
  public record Options(int intents, int kills, int reorgs, long seed) {}

  public static void run(Path root, Options options, Figures figures) throws Exception {
    if (options.intents() > 0) {
      try (TreasuryLab lab = started(root, options)) {
        new TreasuryProof(lab, figures, options).intents();
      }
    }
    if (options.reorgs() > 0) {
      // A chain of its own: anvil 1.7 loses all state in a reorganisation behind block 1,000.
      try (TreasuryLab lab = started(root, options)) {
        new TreasuryProof(lab, figures, options).reorgs();
      }
    }
  }

  private static TreasuryLab started(Path root, Options options) throws Exception {
    TreasuryLab lab = new TreasuryLab(root, options.seed());
    try {
      lab.start();
      lab.awaitReady();
      return lab;
    } catch (Exception failed) {
      lab.close();
      throw failed;
    }
  }

  private void intents() throws Exception {
    plan(0, options.intents());
    lab.node.lie(true);
    AtomicBoolean done = new AtomicBoolean();
    Thread miner = Thread.ofPlatform().start(() -> mine(done));
    long start = System.nanoTime();
    int[] kills = new int[1];
    figures.step(
        "%,d intents, %d kills, a node that lies".formatted(options.intents(), options.kills()),
        () -> {
          while (open() > 0 && System.nanoTime() - start < TimeUnit.MINUTES.toNanos(MOST_MINUTES)) {
            if (kills[0] < options.kills()) {
              // Also while it starts, and while it does nothing but wait.
              Thread.sleep(500 + random.nextInt(8_000));
              lab.kill();
              kills[0]++;
              lab.start();
            } else {
              Thread.sleep(200);
            }
          }
          return lab.node.told().toString();
        });
    done.set(true);
    miner.join();
    lab.node.lie(false);
    long wrong = 0;
    for (int at = 0; at < options.intents(); at++) {
      wrong += balance(recipient(at)).equals(value(at)) ? 0 : 1;
    }
    long fills = lab.number("select count(*) from intent where kind = 'fill'").longValueExact();
    long count =
        lab.evm.number("eth_getTransactionCount", TreasuryLab.FUNDING, "latest").longValueExact();
    figures.must(
        "%,d treasury intents with %d kills and a node that lies, lags, drops and answers late: each mined exactly once"
            .formatted(options.intents(), options.kills()),
        wrong == 0 && open() == 0 && kills[0] >= options.kills() && notFinal() == 0,
        wrong
            + " not paid once, "
            + open()
            + " open, "
            + notFinal()
            + " not final, "
            + kills[0]
            + " kills");
    figures.must(
        "nonces contiguous, none used by anything else",
        count == options.intents() + fills
            && lab.number("select count(distinct nonce) from intent where nonce < " + count)
                    .longValueExact()
                == count,
        count + " used, " + fills + " of them fill gaps");
    figures.plain(
        "replacements signed",
        new BigDecimal(lab.number("select count(*) from intent_attempt where attempt > 1")),
        "");
  }

  private void mine(AtomicBoolean done) {
    try {
      while (!done.get()) {
        lab.evm.mine(1);
        Thread.sleep(150);
      }
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static String recipient(int at) {
    return "0x00000000000000000000000000000000%08x".formatted(0x10000 + at);
  }

  private static BigInteger value(int at) {
    return BigInteger.valueOf(1_000_000L + at);
  }

  private void plan(int from, int count) throws SQLException {
    try (Connection connection = lab.connection();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into intent (id, business_key, kind, sender, recipient, value, data, gas_limit,
                  status, reason, created_at, updated_at)
                values (?, ?, 'proof', ?, ?, ?, ''::bytea, 100000, 'planned', 'a proof', now(), now())""")) {
      for (int at = from; at < from + count; at++) {
        insert.setString(1, "int_%026d".formatted(at));
        insert.setString(2, "proof:" + at);
        insert.setString(3, TreasuryLab.FUNDING);
        insert.setString(4, recipient(at));
        insert.setBigDecimal(5, new BigDecimal(value(at)));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private long open() throws SQLException {
    return lab.number(
            "select count(*) from intent where status in ('planned', 'signed', 'sent', 'confirmed')")
        .longValueExact();
  }

  private long notFinal() throws SQLException {
    return lab.number("select count(*) from intent where kind = 'proof' and status <> 'final'")
        .longValueExact();
  }

  private BigInteger balance(String of) throws IOException, InterruptedException {
    return lab.evm.number("eth_getBalance", of, "latest");
  }

  /** What was sent to the chain, and may be taken back. */
  private record Sent(String hash, String tenant, BigInteger amount) {}

  private void reorgs() throws Exception {
    String sender = hotWallet();
    List<String> tenants = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    for (int at = 0; at < TENANTS; at++) {
      tenants.add("ten_%026d".formatted(at));
      addresses.add(
          lab.get("/v1/payments/usdc-address", lab.credentials().token(tenants.get(at), "billing"))
              .path("address")
              .asText());
    }
    lab.evm.mine(TreasuryLab.FINALITY + 2);
    awaitCursors();
    List<Sent> deposits = new ArrayList<>();
    List<String> fundings = new ArrayList<>();
    int planned = options.intents();
    int[] early = new int[1];
    int[] deepest = new int[1];
    for (int reorg = 0; reorg < options.reorgs(); reorg++) {
      int depth = 1 + random.nextInt(DEEPEST);
      plan(planned, 1);
      planned++;
      for (int block = 0; block < DEEPEST + 1; block++) {
        if (random.nextInt(4) == 0) {
          int tenant = random.nextInt(TENANTS);
          BigInteger amount = BigInteger.valueOf(1_000_000L + random.nextInt(5_000_000));
          deposits.add(
              new Sent(
                  lab.evm.send(
                      lab.usdc,
                      BigInteger.ZERO,
                      Evm.selector("mint(address,uint256)")
                          + Evm.word(addresses.get(tenant))
                          + Evm.word(amount)),
                  tenants.get(tenant),
                  amount));
        }
        if (random.nextInt(6) == 0) {
          BigInteger deposit = BigInteger.valueOf(1_000 + random.nextInt(1_000));
          fundings.add(
              lab.evm.send(
                  lab.broker,
                  deposit.multiply(BigInteger.TWO),
                  Evm.selector("fundDepositAndReserveFor(address,uint256,uint256)")
                      + Evm.word(sender)
                      + Evm.word(deposit)
                      + Evm.word(deposit)));
        }
        lab.evm.mine(1);
      }
      Thread.sleep(150);
      lab.evm.ask("anvil_reorg", depth, List.of());
      deepest[0] = Math.max(deepest[0], depth);
      early[0] += creditedTooEarly();
      Thread.sleep(150);
    }
    lab.evm.mine(2 * TreasuryLab.FINALITY);
    for (int look = 0; look < 600 && open() > 0; look++) {
      lab.evm.mine(1);
      Thread.sleep(100);
    }
    lab.evm.mine(TreasuryLab.FINALITY + 2);
    awaitCursors();
    judge(deposits, fundings, sender, tenants, early[0], deepest[0]);
    int wrong = 0;
    for (int at = options.intents(); at < planned; at++) {
      wrong += balance(recipient(at)).equals(value(at)) ? 0 : 1;
    }
    figures.must(
        "%d intents through the same reorganisations: each mined exactly once"
            .formatted(planned - options.intents()),
        wrong == 0 && open() == 0 && notFinal() == 0,
        wrong + " not paid once, " + open() + " open");
  }

  private void judge(
      List<Sent> deposits,
      List<String> fundings,
      String sender,
      List<String> tenants,
      int early,
      int deepest)
      throws Exception {
    int lost = 0;
    int wrong = 0;
    BigInteger expected = BigInteger.ZERO;
    for (Sent sent : deposits) {
      boolean there = !lab.evm.receipt(sent.hash()).isNull();
      lost += there ? 0 : 1;
      expected = expected.add(there ? sent.amount() : BigInteger.ZERO);
      BigInteger credited =
          lab.number(
              "select coalesce(sum(amount), 0) from usdc_deposit where transaction_hash = '"
                  + sent.hash()
                  + "'");
      wrong += credited.equals(there ? sent.amount() : BigInteger.ZERO) ? 0 : 1;
    }
    BigInteger credit =
        lab.number(
            "select coalesce(sum(balance), 0) / 1000 from account where kind = 'credit' and owner in ('"
                + String.join("', '", tenants)
                + "')");
    figures.must(
        "%d reorgs up to depth %d: deposits credited once and only at finality"
            .formatted(options.reorgs(), DEEPEST),
        wrong == 0 && early == 0 && credit.equals(expected) && lost > 0 && lost < deposits.size(),
        "%d deposits, %d taken back for good, %d wrong, %d early, deepest %d"
            .formatted(deposits.size(), lost, wrong, early, deepest));
    int standing = 0;
    for (String hash : fundings) {
      standing += lab.evm.receipt(hash).isNull() ? 0 : 1;
    }
    long events = lab.number("select count(*) from chain_event").longValueExact();
    String info = Evm.selector("getSenderInfo(address)") + Evm.word(sender);
    BigInteger depositThere = lab.evm.word(lab.broker, info, 0);
    BigInteger reserveThere = lab.evm.word(lab.broker, info, 2);
    figures.must(
        "settlement's events and balances are the contract's after %d reorgs"
            .formatted(options.reorgs()),
        events == 2L * standing
            && ledger(sender, "deposit").equals(depositThere)
            && ledger(sender, "reserve").equals(reserveThere)
            && depositThere.signum() > 0,
        "%d fundings sent, %d stand, %d events; deposit %s, reserve %s"
            .formatted(fundings.size(), standing, events, depositThere, reserveThere));
    JsonNode verified =
        lab.get("/v1/reconciliation/verification", lab.credentials().operatorToken());
    figures.must(
        "the books verify", verified.path("ok").asBoolean(), verified.path("sealed") + " journals");
  }

  private BigInteger ledger(String owner, String kind) throws SQLException {
    return lab.number(
        "select coalesce(sum(balance), 0) from account where owner = '"
            + owner
            + "' and kind = '"
            + kind
            + "'");
  }

  private String hotWallet() throws Exception {
    return lab.get("/v1/treasury", lab.credentials().operatorToken())
        .path("hot_wallet")
        .asText()
        .toLowerCase(java.util.Locale.ROOT);
  }

  /** Credited deposits whose transaction is not on the chain any more. */
  private int creditedTooEarly() throws Exception {
    Set<String> credited = new HashSet<>();
    try (Connection connection = lab.connection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select distinct transaction_hash from usdc_deposit")) {
      while (rows.next()) {
        credited.add(rows.getString(1));
      }
    }
    int early = 0;
    for (String hash : credited) {
      early += lab.evm.receipt(hash).isNull() ? 1 : 0;
    }
    return early;
  }

  /** Until both readers have read what is final now. */
  private void awaitCursors() throws Exception {
    long head = lab.evm.number("eth_blockNumber").longValueExact() - TreasuryLab.FINALITY;
    for (int look = 0; look < 600; look++) {
      if (lab.number("select count(*) from chain_cursor where block >= " + head).longValueExact()
          == 2) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the readers do not reach block " + head);
  }
}
