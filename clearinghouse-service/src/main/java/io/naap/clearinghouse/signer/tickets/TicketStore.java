package io.naap.clearinghouse.signer.tickets;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.killswitch.KillSwitches;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.tickets.TicketTable.Written;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.store.Tx;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.jboss.logging.Logger;

/**
 * The record stage of a payment. Payments that arrive while a commit is under way wait, and are
 * then committed together: the usual ones by {@link FastCommit}, the others, and those whose fast
 * commit was refused, by {@link CheckedCommit}.
 */
@ApplicationScoped
public class TicketStore {
  private static final Logger LOG = Logger.getLogger(TicketStore.class);
  private static final int MOST_TOGETHER = 256;
  private static final int MOST_WAITING = 4_096;
  private static final long TIMEOUT_SECONDS = 15;

  private final Ledger ledger;
  private final Ids ids;
  private final ClearinghouseMetrics metrics;
  private final FastCommit fast;
  private final CheckedCommit checked;
  private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(MOST_WAITING);

  /** True while a group is being committed; its end begins the next group. */
  private final AtomicBoolean committing = new AtomicBoolean();

  /** A platform thread: a virtual one would wait for a carrier behind the many that sign. */
  private final ExecutorService checkedCommits =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("tickets").factory());

  private volatile boolean stopping;

  TicketStore(
      Ledger ledger, Pool pool, Ids ids, SignerConfig config, ClearinghouseMetrics metrics) {
    this.ledger = ledger;
    this.ids = ids;
    this.metrics = metrics;
    this.fast = new FastCommit(pool, config);
    this.checked = new CheckedCommit(config, ids);
  }

  private record Waiting(PaymentToRecord payment, CompletableFuture<CommitResult> result) {}

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    stopping = true;
    checkedCommits.shutdown();
    checkedCommits.awaitTermination(5, TimeUnit.SECONDS);
    fast.close();
    refuse(queue);
  }

  /** Records a payment, and returns when it is committed or refused. */
  public CommitResult record(PaymentToRecord payment) {
    Waiting one = new Waiting(payment, new CompletableFuture<>());
    if (stopping || !queue.offer(one)) {
      return CommitResult.Refused.of(503, "busy", "busy");
    }
    next();
    try {
      return one.result().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      LOG.debugf(failed, "it is unknown whether a payment was recorded");
      return new CommitResult.Unknown();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new CommitResult.Unknown();
    }
  }

  /**
   * The payment that a state led to, when this same request had made it. A kill switch holds here
   * too.
   */
  public Optional<CommitResult> repeated(
      SignerCaller caller, PaymentState before, ByteString requestHash) {
    return ledger.read(
        tx -> {
          Tx.Sent stops = KillSwitches.send(tx);
          List<Row> rows = TicketTable.sendSessions(tx, List.of(before.stateId()), "").rows();
          boolean stopped =
              KillSwitches.read(stops.rows()).stop(caller, before.session().orchestratorAddress());
          return rows.stream()
              .findFirst()
              .map(TicketTable::session)
              .filter(session -> session.caller.equals(caller.name()))
              .filter(session -> session.follows(before))
              .filter(session -> session.last.requestHash().equals(requestHash))
              .map(
                  session ->
                      stopped ? PaymentRules.stopped() : new CommitResult.Repeated(session.last));
        });
  }

  /** Commits the next group, unless a commit is under way or no payment waits. */
  private void next() {
    while (!queue.isEmpty() && committing.compareAndSet(false, true)) {
      List<Waiting> group = new ArrayList<>();
      queue.drainTo(group, MOST_TOGETHER);
      if (!group.isEmpty()) {
        commit(group);
        return;
      }
      committing.set(false);
    }
  }

  private void end() {
    committing.set(false);
    next();
  }

  private void commit(List<Waiting> group) {
    try {
      split(group);
    } catch (RuntimeException surprise) {
      // Whatever failed, the waiting callers are told and the queue goes on.
      LOG.warnf(surprise, "payments were not recorded");
      group.forEach(one -> one.result().completeExceptionally(surprise));
      end();
    }
  }

  private void split(List<Waiting> group) {
    List<Waiting> usual = new ArrayList<>();
    List<Written> written = new ArrayList<>();
    List<Waiting> others = new ArrayList<>();
    for (Waiting one : group) {
      if (fast.fits(one.payment(), written)) {
        usual.add(one);
        written.add(new Written(one.payment(), ids.next(IdKind.TICKET), one.payment().batch(0)));
      } else {
        others.add(one);
      }
    }
    if (usual.isEmpty()) {
      commitChecked(others);
      return;
    }
    CompletableFuture<Boolean> unused =
        fast.record(written)
            .whenComplete(
                (recorded, failed) -> {
                  if (Boolean.TRUE.equals(recorded)) {
                    metrics.ticketsCommitted("straight", usual.size());
                    for (int at = 0; at < usual.size(); at++) {
                      usual
                          .get(at)
                          .result()
                          .complete(new CommitResult.Granted(written.get(at).batch()));
                    }
                  } else {
                    if (failed != null) {
                      LOG.debugf(failed, "a fast commit failed, its payments are decided again");
                    }
                    others.addAll(0, usual);
                  }
                  commitChecked(others);
                });
  }

  private void commitChecked(List<Waiting> group) {
    if (group.isEmpty()) {
      end();
      return;
    }
    try {
      checkedCommits.execute(
          () -> {
            try {
              decide(group);
            } finally {
              end();
            }
          });
    } catch (RejectedExecutionException ended) {
      refuse(group);
    }
  }

  private static void refuse(Iterable<Waiting> group) {
    group.forEach(
        one -> one.result().complete(CommitResult.Refused.of(503, "stopping", "stopping")));
  }

  private void decide(List<Waiting> group) {
    try {
      List<PaymentToRecord> payments = group.stream().map(Waiting::payment).toList();
      List<CommitResult> results =
          ledger.transact(transaction -> checked.record(transaction, payments));
      metrics.ticketsCommitted("checked", group.size());
      for (int at = 0; at < group.size(); at++) {
        group.get(at).result().complete(results.get(at));
      }
    } catch (RuntimeException failed) {
      if (group.size() == 1) {
        LOG.warnf(failed, "a payment was not recorded");
        group.getFirst().result().completeExceptionally(failed);
        return;
      }
      // One payment may have failed the whole transaction: each is recorded on its own.
      group.forEach(one -> decide(List.of(one)));
    }
  }
}
