package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.ledger.PostingResult;
import io.naap.clearinghouse.signer.TicketTable.Written;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What the signer remembers. Payments that arrive while a commit is under way wait for it and then
 * go together, the usual ones in one trip ({@link FastCommit}); the others in a transaction
 * that locks what they concern, checks each in turn, and records those that pass.
 *
 * <p>Order of locks, on every instance: sessions, secrets, caps, accounts.
 */
@ApplicationScoped
public class TicketStore {
  private static final Logger LOG = Logger.getLogger(TicketStore.class);
  private static final int GROUP = 256;
  private static final int WAITING = 4_096;
  private static final long PATIENCE_SECONDS = 15;

  private final Ledger ledger;
  private final Ids ids;
  private final SignerConfig config;
  private final ClearinghouseMetrics metrics;
  private final FastCommit straight;
  private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(WAITING);

  /** True while somebody's turn is under way; whoever ends it begins the next. */
  private final AtomicBoolean turn = new AtomicBoolean();

  /** A platform thread: virtual ones would wait for the many that sign. */
  private final ExecutorService longWay =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("tickets").factory());

  private volatile boolean stopping;

  TicketStore(
      Ledger ledger, Pool pool, Ids ids, SignerConfig config, ClearinghouseMetrics metrics) {
    this.ledger = ledger;
    this.ids = ids;
    this.config = config;
    this.metrics = metrics;
    this.straight = new FastCommit(pool, config);
  }

  /**
   * Tickets of one call, to be recorded.
   *
   * @param before the state that was shown, absent at the first call
   * @param after the state to hand out, still without nonces
   * @param expectedValue of all its tickets, in whole wei
   * @param cost in dollars, where a tenant pays for it
   * @param requestHash names the request: the same one again gets the same answer
   */
  record Wanted(
      SignerCaller caller,
      Optional<PaymentState> before,
      PaymentState after,
      TicketParams params,
      PriceInfo price,
      ChainView.Snapshot round,
      String type,
      BigInteger units,
      int tickets,
      BigInteger expectedValue,
      Optional<NanoUsd> cost,
      ByteString requestHash,
      Instant now) {}

  /**
   * A recorded batch: all that its answer is made of, so that it can be given again.
   *
   * @param params as the orchestrator gave them
   * @param priceInfo the same
   * @param state as it is handed out, with the nonces in it
   */
  record Batch(
      int firstNonce,
      int tickets,
      long creationRound,
      ByteString creationRoundBlockHash,
      ByteString requestHash,
      TicketParams params,
      ByteString priceInfo,
      String state) {}

  private record Waiting(Wanted wanted, CompletableFuture<CommitResult> answer) {}

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    stopping = true;
    longWay.shutdown();
    longWay.awaitTermination(5, TimeUnit.SECONDS);
    straight.drop();
    waiting.forEach(
        one -> one.answer().complete(new CommitResult.Refused(503, "stopping", "stopping")));
  }

  /**
   * Records a payment and returns when it is committed.
   *
   * @throws UnrecordedException when it is unknown whether it was: nothing may be signed
   */
  CommitResult record(Wanted wanted) {
    Waiting one = new Waiting(wanted, new CompletableFuture<>());
    if (stopping || !waiting.offer(one)) {
      return new CommitResult.Refused(503, "busy", "busy");
    }
    next();
    try {
      return one.answer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      throw new UnrecordedException(failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new UnrecordedException(stopped);
    }
  }

  /** The store did not say that a payment was recorded. */
  static final class UnrecordedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnrecordedException(Throwable cause) {
      super("the payment may not have been recorded", cause);
    }
  }

  /** The batch a state led to, when this very request had made it; a stop holds here too. */
  Optional<CommitResult> repeated(SignerCaller caller, PaymentState before, ByteString requestHash) {
    return ledger.read(
        tx -> {
          Tx.Sent stops = KillSwitches.send(tx);
          List<Row> rows = TicketTable.sendSessions(tx, List.of(before.stateId()), "").rows();
          boolean stopped =
              KillSwitches.hits(KillSwitches.keys(stops.rows()), caller, before.orchestratorAddress());
          return rows.stream()
              .findFirst()
              .map(TicketTable::session)
              .filter(session -> session.caller.equals(caller.name()))
              .filter(session -> GroupCheck.follows(session, before))
              .filter(session -> session.last.requestHash().equals(requestHash))
              .map(session -> stopped ? GroupCheck.stopped() : new CommitResult.Repeated(session.last));
        });
  }

  /** Begins the next turn, unless one is under way or nobody waits. */
  private void next() {
    while (!waiting.isEmpty() && turn.compareAndSet(false, true)) {
      List<Waiting> group = new ArrayList<>();
      waiting.drainTo(group, GROUP);
      if (!group.isEmpty()) {
        record(group);
        return;
      }
      turn.set(false);
    }
  }

  private void end() {
    turn.set(false);
    next();
  }

  private void record(List<Waiting> group) {
    try {
      begin(group);
    } catch (RuntimeException surprise) {
      // Whoever waits is told, and the turn goes on: nobody after them waits for ever.
      LOG.warnf(surprise, "payments were not recorded");
      group.forEach(one -> one.answer().completeExceptionally(surprise));
      end();
    }
  }

  private void begin(List<Waiting> group) {
    List<Waiting> usual = new ArrayList<>();
    List<Written> expected = new ArrayList<>();
    List<Waiting> others = new ArrayList<>();
    for (Waiting one : group) {
      if (straight.fits(one.wanted(), expected)) {
        usual.add(one);
        expected.add(
            new Written(one.wanted(), ids.next(IdKind.TICKET), FastCommit.batch(one.wanted())));
      } else {
        others.add(one);
      }
    }
    if (usual.isEmpty()) {
      goTheLongWay(others);
      return;
    }
    CompletableFuture<Boolean> unused =
        straight
            .record(expected)
            .whenComplete(
                (recorded, failed) -> {
                  if (Boolean.TRUE.equals(recorded)) {
                    metrics.ticketsCommitted("straight", usual.size());
                    for (int at = 0; at < usual.size(); at++) {
                      usual
                          .get(at)
                          .answer()
                          .complete(new CommitResult.Granted(expected.get(at).batch()));
                    }
                  } else {
                    if (failed != null) {
                      LOG.debugf(failed, "payments are looked at one by one");
                    }
                    others.addAll(0, usual);
                  }
                  goTheLongWay(others);
                });
  }

  private void goTheLongWay(List<Waiting> group) {
    if (group.isEmpty()) {
      end();
      return;
    }
    try {
      longWay.execute(
          () -> {
            try {
              commit(group);
            } finally {
              end();
            }
          });
    } catch (RejectedExecutionException ended) {
      group.forEach(
          one -> one.answer().complete(new CommitResult.Refused(503, "stopping", "stopping")));
    }
  }

  private void commit(List<Waiting> group) {
    try {
      List<Wanted> wanted = group.stream().map(Waiting::wanted).toList();
      List<CommitResult> answers = ledger.transact(books -> recordAll(books, wanted));
      metrics.ticketsCommitted("checked", group.size());
      for (int at = 0; at < group.size(); at++) {
        group.get(at).answer().complete(answers.get(at));
      }
    } catch (RuntimeException failed) {
      if (group.size() == 1) {
        LOG.warnf(failed, "a payment was not recorded");
        group.getFirst().answer().completeExceptionally(failed);
        return;
      }
      // One of them may be to blame for all; alone, each gets its own answer.
      for (Waiting one : group) {
        commit(List.of(one));
      }
    }
  }

  private List<CommitResult> recordAll(LedgerTransaction books, List<Wanted> wanted) {
    Tx tx = books.tx();
    TicketTable.sendSettings(tx);
    Tx.Sent stopsSent = KillSwitches.send(tx);
    Tx.Sent sessionsSent =
        TicketTable.sendSessions(
            tx,
            wanted.stream().flatMap(w -> w.before().stream()).map(PaymentState::stateId).toList(),
            "for update of s");
    Tx.Sent noncesSent = TicketTable.sendNonces(tx, wanted);
    Set<Caps.Window> windows = new LinkedHashSet<>();
    wanted.forEach(w -> windows.addAll(GroupCheck.windows(w)));
    Map<Caps.Window, BigInteger> spent = TicketTable.lockSpends(tx, windows);
    Map<String, GroupCheck.Session> sessions = new HashMap<>();
    sessionsSent
        .rows()
        .forEach(row -> sessions.put(row.getString("state_id"), TicketTable.session(row)));
    Map<ByteString, Integer> nonces = new HashMap<>();
    noncesSent
        .rows()
        .forEach(
            row ->
                nonces.put(
                    ByteString.copyFrom(row.getBuffer("recipient_rand_hash").getBytes()),
                    row.getInteger("last_nonce")));
    lockAccounts(books, wanted);
    GroupCheck check =
        new GroupCheck(
            config, KillSwitches.keys(stopsSent.rows()), sessions, nonces, spent, books::balance);

    List<CommitResult> answers = new ArrayList<>();
    List<Written> written = new ArrayList<>();
    for (Wanted one : wanted) {
      CommitResult answer = check.decide(one);
      answers.add(answer);
      if (answer instanceof CommitResult.Granted granted) {
        written.add(new Written(one, ids.next(IdKind.TICKET), granted.batch()));
      }
    }
    if (!written.isEmpty()) {
      write(books, written, check);
    }
    return answers;
  }

  /**
   * Only tenants' money moves at once; what the tickets are worth is booked by {@link TicketBooks}.
   */
  private static void lockAccounts(LedgerTransaction books, List<Wanted> wanted) {
    List<Wanted> paid = wanted.stream().filter(w -> w.cost().isPresent()).toList();
    books.lock(
        paid.stream().map(w -> AccountRef.credit(w.caller().tenant().orElseThrow())).toList());
    books.lock(
        paid.stream()
            .flatMap(
                w ->
                    Stream.of(
                        AccountRef.held(w.after().stateId()),
                        AccountRef.revenue(w.caller().tenant().orElseThrow())))
            .toList());
  }

  private static void write(LedgerTransaction books, List<Written> written, GroupCheck check) {
    Map<String, String> journals = new HashMap<>();
    for (Written one : written) {
      one.wanted()
          .caller()
          .tenant()
          .ifPresent(
              tenant ->
                  journals.computeIfAbsent(
                      tenant, whom -> book(books, whom, one, check.lines.get(whom))));
    }
    books.send();
    TicketTable.save(books.tx(), written, check.sessions, check.nonces, check.spent, journals);
  }

  /** One journal a tenant and commit: the batches under it have the parts. */
  private static String book(LedgerTransaction books, String tenant, Written first, Journal.Lines lines) {
    PostingResult booking =
        books.book(
            new Journal(
                "signed:" + first.id(),
                "signed",
                Optional.of(tenant),
                first.wanted().now(),
                "tickets signed for a program of the tenant",
                lines.summed()));
    if (!(booking instanceof PostingResult.Booked booked)) {
      throw new IllegalStateException("tickets could not be booked: " + booking);
    }
    return booked.journalId();
  }
}
