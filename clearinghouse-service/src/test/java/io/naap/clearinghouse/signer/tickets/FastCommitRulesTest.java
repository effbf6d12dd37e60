package io.naap.clearinghouse.signer.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.config.SignerConfig;
import io.naap.clearinghouse.signer.config.SignerSettings;
import io.naap.clearinghouse.signer.killswitch.ActiveStops;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.testing.Stores;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/**
 * Holds the SQL of {@link FastCommit} equal to {@link PaymentRules}: over random states of
 * sessions, secrets, caps and kill switches, the SQL commits exactly the groups of payments that
 * the rules grant, and leaves exactly the rows that the rules leave. {@code
 * -Dnaap.test.states=100000} runs as many states as were run when the test was written.
 */
@QuarkusTest
@QuarkusTestResource(Stores.class)
class FastCommitRulesTest {
  private static final int STATES = Integer.getInteger("naap.test.states", 3_000);
  private static final int BATCH = 500;
  private static final int CONNECTIONS = 4;
  private static final Instant FIRST_DAY = Instant.parse("2001-01-01T00:00:00Z");

  private final SignerConfig config =
      SignerSettings.with(
          Map.of(
              "max-session-ev", "20",
              "max-hourly-ev", "30",
              "max-daily-ev", "40",
              "max-orchestrator-hourly-ev", "34",
              "max-orchestrator-daily-ev", "44",
              "max-platform-hourly-ev", "38",
              "max-platform-daily-ev", "48"));

  @ConfigProperty(name = "quarkus.datasource.reactive.url")
  String url;

  @ConfigProperty(name = "quarkus.datasource.username")
  String user;

  @ConfigProperty(name = "quarkus.datasource.password")
  String password;

  @Inject Vertx vertx;
  @Inject Transactions transactions;
  @Inject Ids ids;

  /** One state of Postgres that no other state shares a row with, and a group of payments. */
  private static final class State {
    final List<PaymentToRecord> payments = new ArrayList<>();
    final Map<String, PaymentRules.Session> sessions = new HashMap<>();
    final Map<ByteString, Integer> secrets = new HashMap<>();
    final Map<Caps.Window, BigInteger> spent = new HashMap<>();
    final Set<String> stops = new HashSet<>();
    boolean committed;
  }

  @Test
  void commitsExactlyWhatTheRulesGrant() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    int granted = 0;
    // Every refused group is an error in Postgres's log.
    Pool pool =
        PgBuilder.pool()
            .using(vertx)
            .connectingTo(
                PgConnectOptions.fromUri(url)
                    .setUser(user)
                    .setPassword(password)
                    .setCachePreparedStatements(true)
                    .addProperty("log_min_messages", "panic"))
            .build();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int from = 0; from < STATES; from += BATCH) {
        List<State> states = new ArrayList<>();
        for (int at = from; at < from + BATCH; at++) {
          states.add(state(at, random));
        }
        transactions.run(tx -> insert(tx, states));
        List<Future<?>> running = new ArrayList<>();
        for (int connection = 0; connection < CONNECTIONS; connection++) {
          int first = connection;
          running.add(threads.submit(() -> commit(pool, states, first)));
        }
        for (Future<?> one : running) {
          one.get();
        }
        for (State state : states) {
          granted += check(state) ? 1 : 0;
        }
        transactions.run(tx -> compare(tx, states));
        transactions.run(tx -> tx.change("delete from signer_stop where reason = 'rules'"));
      }
    }
    pool.close();
    assertThat(granted).isBetween(STATES / 20, STATES * 19 / 20);
  }

  private Object commit(Pool pool, List<State> states, int first) throws Exception {
    FastCommit fast = new FastCommit(pool, config);
    try {
      for (int at = first; at < states.size(); at += CONNECTIONS) {
        State state = states.get(at);
        List<TicketTable.Written> written = new ArrayList<>();
        for (PaymentToRecord payment : state.payments) {
          assertThat(fast.fits(payment, written)).isTrue();
          written.add(new TicketTable.Written(payment, ids.next(IdKind.TICKET), payment.batch(0)));
        }
        state.committed = fast.record(written).get(30, TimeUnit.SECONDS);
      }
      return null;
    } finally {
      fast.close();
    }
  }

  /** Runs the rules on the state, and compares their verdict with the SQL's. */
  private boolean check(State state) {
    Map<ByteString, Integer> nonces = new HashMap<>(state.secrets);
    Map<String, PaymentRules.Session> sessions = new HashMap<>();
    state.sessions.forEach(
        (id, session) ->
            sessions.put(
                id,
                new PaymentRules.Session(session.caller, session.sequence, session.spent, null)));
    Map<Caps.Window, BigInteger> spent = new HashMap<>(state.spent);
    state.payments.forEach(payment -> nonces.putIfAbsent(payment.recipientRandHash(), 0));
    PaymentRules rules =
        new PaymentRules(
            config,
            new PaymentRules.State(
                new ActiveStops(state.stops), sessions, nonces, spent, account -> BigInteger.ZERO));
    boolean granted = true;
    for (PaymentToRecord payment : state.payments) {
      // FastCommit records only payments whose secret is new: their first nonce is one.
      granted &=
          rules.decide(payment) instanceof CommitResult.Granted one
              && one.batch().firstNonce() == 1;
    }
    assertThat(state.committed).as("%s %s", state.payments, state.sessions).isEqualTo(granted);
    if (granted) {
      state.sessions.putAll(sessions);
      state.secrets.putAll(nonces);
      state.spent.putAll(spent);
    }
    return granted;
  }

  private static State state(int number, SplittableRandom random) {
    State state = new State();
    SignerCaller caller = SamplePayments.gateway("rules-c" + number);
    Instant now = FIRST_DAY.plus(Duration.ofDays(number)).plusSeconds(random.nextInt(86_400));
    int count = 1 + random.nextInt(3);
    for (int at = 0; at < count; at++) {
      String name = number + "-" + at;
      long sequence = random.nextInt(3);
      String orchestrator = "rules-o" + number + (random.nextBoolean() ? "" : "-" + at);
      PaymentToRecord payment =
          SamplePayments.payment(
              caller,
              "rules-s" + name,
              sequence,
              "rules-x" + name,
              new SamplePayments.Value(
                  orchestrator, 1 + random.nextInt(100), 1 + random.nextInt(12)),
              now);
      state.payments.add(payment);
      if (sequence > 0 && random.nextInt(30) != 0) {
        long known = sequence - 1 + (random.nextInt(20) == 0 ? random.nextInt(3) - 1 : 0);
        state.sessions.put(
            payment.stateId(),
            new PaymentRules.Session(
                random.nextInt(30) == 0 ? "rules-other" : caller.name(),
                Math.max(0, known),
                BigInteger.valueOf(random.nextInt(14)),
                null));
      }
      if (random.nextInt(30) == 0) {
        state.secrets.put(payment.recipientRandHash(), 1 + random.nextInt(600));
      }
      for (Caps.Window window : payment.windows()) {
        if (random.nextInt(3) == 0) {
          state.spent.putIfAbsent(window, BigInteger.valueOf(random.nextInt(30)));
        }
      }
      if (random.nextInt(40) == 0) {
        state.stops.add(
            random.nextBoolean()
                ? "caller:" + caller.name()
                : "orchestrator:" + payment.orchestrator());
      }
      if (random.nextInt(40) == 0) {
        state.stops.add("caller:rules-nobody" + number);
      }
    }
    return state;
  }

  private static Object insert(Tx tx, List<State> states) {
    for (State state : states) {
      state.sessions.forEach(
          (id, session) ->
              tx.send(
                  "insert into signer_session (state_id, caller, orchestrator, sequence, spent,"
                      + " opened_at, updated_at)"
                      + " values ($1, $2, '0x', $3, $4::text::numeric, now(), now())",
                  id,
                  session.caller,
                  session.sequence,
                  session.spent.toString()));
      state.secrets.forEach(
          (secret, last) ->
              tx.send(
                  "insert into recipient_nonce (recipient_rand_hash, last_nonce) values ($1, $2)",
                  Buffer.buffer(secret.toByteArray()),
                  last));
      state.spent.forEach(
          (window, spent) ->
              tx.send(
                  "insert into signer_spend (scope, subject, span, starts_at, spent)"
                      + " values ($1, $2, $3, $4, $5::text::numeric)",
                  window.scope().wireName(),
                  window.subject(),
                  window.span().wireName(),
                  time(window),
                  spent.toString()));
      for (String stop : state.stops) {
        tx.send(
            "insert into signer_stop (scope, subject, reason, stopped_by, stopped_at)"
                + " values ($1, $2, 'rules', 'test', now())",
            stop.substring(0, stop.indexOf(':')),
            stop.substring(stop.indexOf(':') + 1));
      }
    }
    return null;
  }

  private static OffsetDateTime time(Caps.Window window) {
    return window.startsAt().atOffset(ZoneOffset.UTC);
  }

  /** Compares the rows of all states with what the rules left. */
  private static Object compare(Tx tx, List<State> states) {
    Map<String, String> sessions = new HashMap<>();
    tx.query(
            "select * from signer_session where state_id = any($1)",
            (Object)
                states.stream()
                    .flatMap(state -> state.payments.stream())
                    .map(PaymentToRecord::stateId)
                    .toArray(String[]::new))
        .forEach(
            row ->
                sessions.put(
                    row.getString("state_id"),
                    row.getString("caller")
                        + row.getLong("sequence")
                        + " "
                        + row.getBigDecimal("spent").toBigIntegerExact()));
    Map<Caps.Window, BigInteger> spent = new HashMap<>();
    tx.query(
            "select * from signer_spend where starts_at between $1 and $2",
            FIRST_DAY.atOffset(ZoneOffset.UTC),
            FIRST_DAY.plus(Duration.ofDays(STATES + 1L)).atOffset(ZoneOffset.UTC))
        .forEach(
            row ->
                spent.put(
                    new Caps.Window(
                        Caps.Scope.of(row.getString("scope")),
                        row.getString("subject"),
                        Caps.Span.of(row.getString("span")),
                        row.getOffsetDateTime("starts_at").toInstant()),
                    row.getBigDecimal("spent").toBigIntegerExact()));
    for (State state : states) {
      state.payments.forEach(
          payment -> {
            PaymentRules.Session session = state.sessions.get(payment.stateId());
            assertThat(sessions.get(payment.stateId()))
                .isEqualTo(
                    session == null
                        ? null
                        : session.caller + session.sequence + " " + session.spent);
            payment
                .windows()
                .forEach(
                    window ->
                        assertThat(spent.getOrDefault(window, BigInteger.ZERO))
                            .isEqualTo(state.spent.getOrDefault(window, BigInteger.ZERO)));
          });
    }
    return null;
  }
}
