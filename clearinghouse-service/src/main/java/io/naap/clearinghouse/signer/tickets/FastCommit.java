package io.naap.clearinghouse.signer.tickets;

import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.killswitch.ActiveStops;
import io.naap.clearinghouse.signer.tickets.TicketTable.Written;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Records the usual payments in one round trip to Postgres: the rules of {@link PaymentRules} are
 * conditions of the update, and the commit is sent right behind it. When a condition does not hold
 * the transaction changes nothing, and {@link CheckedCommit} decides each payment on its own and
 * says why it is refused. This path exists for speed only: without it a payment takes three round
 * trips.
 *
 * <p>The conditions: no kill switch stops a payment, each session is at the sequence number that
 * was sent and belongs to the caller, each recipient secret is new, and the payments together pass
 * no cap. {@code FastCommitRulesTest} holds them equal to {@link PaymentRules}.
 */
final class FastCommit {
  private static final Logger LOG = Logger.getLogger(FastCommit.class);
  private static final long TIMEOUT_SECONDS = 10;

  /** Raised by the database function {@code as_expected}. */
  private static final String CONDITION_FAILED = "NP001";

  /** The same settings as {@link TicketTable} makes. */
  private static final String BEGIN =
      """
      begin; set local synchronous_commit = on; set local plan_cache_mode = force_generic_plan;
      set local enable_seqscan = off; set local enable_hashjoin = off;
      set local enable_mergejoin = off; set local jit = off""";

  private static final String COUNT =
      """
      with asked as (
        select i, c, t, o, q, s::numeric s, n
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
          $7::timestamptz[]) x(i, c, t, o, q, s, n)),
      opened as (
        insert into signer_session (state_id, caller, tenant_id, orchestrator, sequence, spent,
          opened_at, updated_at)
        select i, c, t, o, q, s, n, n from asked where q = 0
        on conflict do nothing returning 1),
      continued as (
        update signer_session s set sequence = a.q, spent = s.spent + a.s, updated_at = a.n
        from asked a where s.state_id = a.i and s.caller = a.c and a.q > 0
          and s.sequence = a.q - 1 and s.spent + a.s <= $8::text::numeric
        returning 1),
      secrets as (
        insert into recipient_nonce (recipient_rand_hash, last_nonce)
        select h, l from unnest($9::bytea[], $10::int[]) w(h, l) order by h
        on conflict do nothing returning 1),
      counted as (
        update signer_spend s set spent = s.spent + w.more::numeric
        from unnest($11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::text[],
          $16::text[]) w(scope, subject, span, starts_at, more, cap)
        where s.scope = w.scope and s.subject = w.subject and s.span = w.span
          and s.starts_at = w.starts_at and s.spent + w.more::numeric <= w.cap::numeric
        returning 1)
      select as_expected(
        not exists (select from signer_stop where scope || ':' || subject = any($17::text[]))
        and (select count(*) from opened) + (select count(*) from continued) = cardinality($1)
        and (select count(*) from secrets) = cardinality($9)
        and (select count(*) from counted) = cardinality($11))""";

  private static final int MOST_KNOWN = 10_000;

  private final Pool pool;
  private final SignerConfig config;
  private final Caps caps;

  /** Windows whose rows exist. */
  private final Set<Caps.Window> known = new HashSet<>();

  private volatile SqlConnection connection;

  FastCommit(Pool pool, SignerConfig config) {
    this.pool = pool;
    this.config = config;
    this.caps = new Caps(config);
  }

  /** True when a payment can be recorded here, together with the others. */
  boolean fits(PaymentToRecord payment, List<Written> others) {
    return payment.fee().cost().isEmpty()
        && payment.before().isPresent() == (payment.after().sequenceNumber() > 0)
        && payment.fee().expectedValue().compareTo(config.maxSessionEv()) <= 0
        && payment.fee().tickets() <= PaymentRules.MAX_NONCE
        && others.stream()
            .noneMatch(
                other ->
                    other.payment().stateId().equals(payment.stateId())
                        || other.payment().recipientRandHash().equals(payment.recipientRandHash()));
  }

  /**
   * Records payments, one call at a time.
   *
   * @return true when all are committed, false when a condition did not hold and nothing was
   *     changed; fails when neither is known
   */
  CompletableFuture<Boolean> record(List<Written> payments) {
    List<Written> sorted =
        payments.stream().sorted(Comparator.comparing(p -> p.payment().stateId())).toList();
    Map<Caps.Window, BigInteger> more = more(sorted);
    Tuple counts = Tuple.from(counts(sorted, more));
    Tuple batches = Tuple.from(TicketTable.batches(sorted, Map.of()));
    List<Caps.Window> fresh =
        more.keySet().stream().filter(window -> !known.contains(window)).toList();
    return connect()
        .compose(
            open -> {
              openSpends(open, fresh);
              return send(open, counts, batches);
            })
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .whenComplete(
            (recorded, failed) -> {
              if (failed != null) {
                close();
              } else if (recorded) {
                know(fresh);
              }
            });
  }

  /**
   * Adds the rows of windows in which nobody has paid yet, before the transaction and outside of
   * it: so no lock of a cap is taken before those of the sessions. A row with nothing spent is
   * harmless.
   */
  private static void openSpends(SqlConnection open, List<Caps.Window> fresh) {
    if (!fresh.isEmpty()) {
      open.preparedQuery(TicketTable.OPEN_SPENDS)
          .execute(Tuple.from(Arrays.asList(TicketTable.keys(fresh))))
          // Without its row the cap's condition fails, and CheckedCommit adds the row.
          .onFailure(failed -> LOG.debugf(failed, "the rows of caps were not added"));
    }
  }

  private void know(List<Caps.Window> fresh) {
    if (known.size() > MOST_KNOWN) {
      known.clear();
    }
    known.addAll(fresh);
  }

  /** A connection of its own, so that it never waits for the pool; a broken one is replaced. */
  private Future<SqlConnection> connect() {
    SqlConnection open = connection;
    return open == null
        ? pool.getConnection().onSuccess(fresh -> connection = fresh)
        : Future.succeededFuture(open);
  }

  private static Future<Boolean> send(SqlConnection open, Tuple counts, Tuple batches) {
    Future<?> begun = open.query(BEGIN).execute();
    Future<?> counted = open.preparedQuery(COUNT).execute(counts);
    Future<?> saved = open.preparedQuery(TicketTable.SAVE_BATCHES).execute(batches);
    // When a statement before it failed, Postgres rolls back on this commit.
    Future<?> committed = open.query("commit").execute();
    return Future.join(begun, counted, saved, committed)
        .transform(
            all -> {
              if (all.succeeded()) {
                return Future.succeededFuture(true);
              }
              return counted.cause() instanceof PgException refused
                      && CONDITION_FAILED.equals(refused.getSqlState())
                      && committed.succeeded()
                  ? Future.succeededFuture(false)
                  : Future.failedFuture(all.cause());
            });
  }

  void close() {
    SqlConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  /** The value that all payments together add in each window. */
  private static Map<Caps.Window, BigInteger> more(List<Written> sorted) {
    Map<Caps.Window, BigInteger> more = new TreeMap<>(Caps.Window.ORDER);
    for (Written one : sorted) {
      BigInteger value = one.payment().fee().expectedValue();
      one.payment().windows().forEach(window -> more.merge(window, value, BigInteger::add));
    }
    return more;
  }

  private List<Object> counts(List<Written> sorted, Map<Caps.Window, BigInteger> more) {
    Set<String> stops = new LinkedHashSet<>();
    for (Written one : sorted) {
      stops.addAll(ActiveStops.keysOf(one.payment().caller(), one.payment().orchestrator()));
    }
    List<Caps.Window> windows = List.copyOf(more.keySet());
    List<Object> parameters = new ArrayList<>(TicketTable.sessions(sorted));
    parameters.add(
        TicketTable.texts(sorted, one -> one.payment().fee().expectedValue().toString()));
    parameters.add(TicketTable.times(sorted));
    parameters.add(config.maxSessionEv().toString());
    parameters.add(TicketTable.buffers(sorted, one -> one.payment().recipientRandHash()));
    parameters.add(
        sorted.stream().map(one -> one.payment().fee().tickets()).toArray(Integer[]::new));
    parameters.addAll(Arrays.asList(TicketTable.keys(windows)));
    parameters.add(
        windows.stream().map(window -> more.get(window).toString()).toArray(String[]::new));
    parameters.add(
        windows.stream().map(window -> caps.cap(window).toString()).toArray(String[]::new));
    parameters.add(stops.toArray(String[]::new));
    return parameters;
  }
}
