package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.signer.TicketTable.Written;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
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
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Records payments that are as payments usually are, in one trip to the store: what would be looked
 * at first is said as a condition of the change instead, and the commit travels behind it. When one
 * condition does not hold nothing is changed, and the payments go the long way, where each is
 * looked at on its own and learns why it is refused.
 *
 * <p>The conditions are those of {@link GroupCheck}: nobody is stopped, a session is at the
 * sequence shown and its caller's, a secret is new, no cap is passed by all of them together.
 */
final class FastCommit {
  private static final Logger LOG = Logger.getLogger(FastCommit.class);
  private static final long PATIENCE_SECONDS = 10;
  private static final String NOT_AS_EXPECTED = "NP001";

  /** As {@link TicketTable} says it: by keys, on the disk, never compiled for the occasion. */
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

  /**
   * The rows of caps that nobody has paid on yet: of a new orchestrator, and of everybody when an
   * hour begins. Before the transaction and in none, so that no lock of it comes before those of
   * the sessions; a row of nothing spent is harmless.
   */
  private static final String OPEN =
      """
      insert into signer_spend (scope, subject, span, starts_at)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
        w(scope, subject, span, starts_at)
      order by scope, subject, span, starts_at on conflict do nothing""";

  private static final int MOST_KNOWN = 10_000;

  private final Pool pool;
  private final SignerConfig config;
  private final Caps caps;

  /** Caps that have their rows: those of payments that went straight. */
  private final Set<Caps.Window> known = new HashSet<>();

  private volatile SqlConnection kept;

  FastCommit(Pool pool, SignerConfig config) {
    this.pool = pool;
    this.config = config;
    this.caps = new Caps(config);
  }

  /** Whether a payment can be as expected at all, next to others that go with it. */
  boolean fits(TicketStore.Wanted one, List<Written> others) {
    return one.cost().isEmpty()
        && one.before().isPresent() == (one.after().sequenceNumber() > 0)
        && one.expectedValue().compareTo(config.maxSessionEv()) <= 0
        && others.stream()
            .noneMatch(
                other ->
                    other.wanted().after().stateId().equals(one.after().stateId())
                        || other
                            .wanted()
                            .params()
                            .recipientRandHash()
                            .equals(one.params().recipientRandHash()));
  }

  /** What a payment becomes when its secret is new. */
  static TicketStore.Batch batch(TicketStore.Wanted one) {
    return new TicketStore.Batch(
        1,
        one.tickets(),
        one.round().lastInitializedRound(),
        one.round().roundBlockHash(),
        one.requestHash(),
        one.params(),
        one.price().raw(),
        one.after().withNonce(one.tickets()).text());
  }

  /**
   * True when they are committed, false when something was not as expected and nothing was changed;
   * fails when neither is known. One call at a time.
   */
  CompletableFuture<Boolean> record(List<Written> payments) {
    List<Written> sorted =
        payments.stream().sorted(Comparator.comparing(p -> p.wanted().after().stateId())).toList();
    Map<Caps.Window, BigInteger> more = more(sorted);
    Tuple counts = Tuple.from(counts(sorted, more));
    Tuple batches = Tuple.from(TicketTable.batches(sorted, Map.of()));
    List<Caps.Window> fresh = more.keySet().stream().filter(one -> !known.contains(one)).toList();
    return connection()
        .compose(
            connection -> {
              if (!fresh.isEmpty()) {
                connection
                    .preparedQuery(OPEN)
                    .execute(Tuple.from(Arrays.asList(TicketTable.keys(fresh))))
                    // Without its row a cap's condition does not hold, and the long way is taken.
                    .onFailure(failed -> LOG.debugf(failed, "caps were not opened"));
              }
              return send(connection, counts, batches);
            })
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .whenComplete(
            (recorded, failed) -> {
              if (failed != null) {
                drop();
              } else if (recorded) {
                know(fresh);
              }
            });
  }

  private void know(List<Caps.Window> fresh) {
    if (known.size() > MOST_KNOWN) {
      known.clear();
    }
    known.addAll(fresh);
  }

  /**
   * Its own connection, so that nobody waits for one; the pool gives a new one for a broken one.
   */
  private Future<SqlConnection> connection() {
    SqlConnection connection = kept;
    return connection == null
        ? pool.getConnection().onSuccess(fresh -> kept = fresh)
        : Future.succeededFuture(connection);
  }

  private static Future<Boolean> send(SqlConnection connection, Tuple counts, Tuple batches) {
    Future<?> begun = connection.query(BEGIN).execute();
    Future<?> counted = connection.preparedQuery(COUNT).execute(counts);
    Future<?> saved = connection.preparedQuery(TicketTable.SAVE_BATCHES).execute(batches);
    // Behind a failure of those before it this is a rollback.
    Future<?> committed = connection.query("commit").execute();
    return Future.join(begun, counted, saved, committed)
        .transform(
            all -> {
              if (all.succeeded()) {
                return Future.succeededFuture(true);
              }
              return counted.cause() instanceof PgException refused
                      && NOT_AS_EXPECTED.equals(refused.getSqlState())
                      && committed.succeeded()
                  ? Future.succeededFuture(false)
                  : Future.failedFuture(all.cause());
            });
  }

  void drop() {
    SqlConnection connection = kept;
    kept = null;
    if (connection != null) {
      connection.close();
    }
  }

  /** What is added on each cap by all of them. */
  private static Map<Caps.Window, BigInteger> more(List<Written> sorted) {
    Map<Caps.Window, BigInteger> more = new TreeMap<>(Caps.Window.ORDER);
    for (Written one : sorted) {
      GroupCheck.windows(one.wanted())
          .forEach(window -> more.merge(window, one.wanted().expectedValue(), BigInteger::add));
    }
    return more;
  }

  private List<Object> counts(List<Written> sorted, Map<Caps.Window, BigInteger> more) {
    Set<String> stops = new LinkedHashSet<>();
    for (Written one : sorted) {
      TicketStore.Wanted wanted = one.wanted();
      stops.addAll(KillSwitches.keys(wanted.caller(), wanted.after().orchestratorAddress()));
    }
    List<Caps.Window> windows = List.copyOf(more.keySet());
    List<Object> parameters = new ArrayList<>();
    parameters.add(TicketTable.texts(sorted, one -> one.wanted().after().stateId()));
    parameters.add(TicketTable.texts(sorted, one -> one.wanted().caller().name()));
    parameters.add(TicketTable.texts(sorted, one -> one.wanted().caller().tenant().orElse(null)));
    parameters.add(TicketTable.texts(sorted, one -> one.wanted().after().orchestratorAddress()));
    parameters.add(TicketTable.longs(sorted, one -> one.wanted().after().sequenceNumber()));
    parameters.add(TicketTable.texts(sorted, one -> one.wanted().expectedValue().toString()));
    parameters.add(TicketTable.times(sorted));
    parameters.add(config.maxSessionEv().toString());
    parameters.add(
        sorted.stream()
            .map(one -> TicketTable.buffer(one.wanted().params().recipientRandHash()))
            .toArray(Buffer[]::new));
    parameters.add(sorted.stream().map(one -> one.wanted().tickets()).toArray(Integer[]::new));
    parameters.addAll(Arrays.asList(TicketTable.keys(windows)));
    parameters.add(texts(windows.stream().map(window -> more.get(window).toString())));
    parameters.add(texts(windows.stream().map(window -> caps.cap(window).toString())));
    parameters.add(texts(stops.stream()));
    return parameters;
  }

  private static String[] texts(Stream<String> texts) {
    return texts.toArray(String[]::new);
  }
}
