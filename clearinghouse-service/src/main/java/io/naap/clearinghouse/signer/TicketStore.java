package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.ClearinghouseMetrics;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Booking;
import io.naap.clearinghouse.ledger.Books;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.store.Tx;
import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.money.NanoUsd;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What the signer remembers. Payments that arrive while a commit is under way wait for it and then
 * go together: one transaction locks what they concern, checks each in turn, and records those that
 * pass. Hand-written SQL, because the row locks are what keeps a nonce from being given out twice;
 * statements that need no answer of one another travel together.
 *
 * <p>Order of locks, on every instance: sessions, secrets, caps, accounts.
 */
@ApplicationScoped
public class TicketStore {
  private static final Logger LOG = Logger.getLogger(TicketStore.class);
  private static final int GROUP = 256;
  private static final int WAITING = 4_096;
  private static final int MAX_NONCE = 600;
  private static final long PATIENCE_SECONDS = 15;

  /**
   * Few rows of large tables, by their keys: a plan made while they were small must not scan them,
   * and planning anew costs more than running. And whatever the server's default is, a signature
   * waits for the disk.
   */
  private static final String SETTINGS =
      """
      select set_config('synchronous_commit', 'on', true),
        set_config('plan_cache_mode', 'force_generic_plan', true),
        set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true)""";

  // Two statements and not one: the client remembers how to run those of up to 2,048 characters.
  private static final String SAVE_COUNTERS =
      """
      with sessions as (
        insert into signer_session (state_id, caller, tenant_id, orchestrator, sequence, spent,
          opened_at, updated_at)
        select i, c, t, o, q, s::numeric, n, n
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
          $7::timestamptz[]) x(i, c, t, o, q, s, n)
        on conflict (state_id) do update set sequence = excluded.sequence, spent = excluded.spent,
          updated_at = excluded.updated_at
          where signer_session.caller = excluded.caller
            and signer_session.sequence < excluded.sequence),
      nonces as (
        update recipient_nonce r set last_nonce = w.n
        from unnest($8::bytea[], $9::int[]) w(h, n) where r.recipient_rand_hash = w.h)
      update signer_spend s set spent = w.spent::numeric
      from unnest($10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::text[])
        w(scope, subject, span, starts_at, spent)
      where s.scope = w.scope and s.subject = w.subject and s.span = w.span
        and s.starts_at = w.starts_at""";

  private static final String SAVE_BATCHES =
      """
      with batches as (
        insert into ticket_batch (id, journal_id, caller, gateway, tenant_id, state_id, sequence,
          capability, orchestrator, recipient, face_value, win_prob, recipient_rand_hash,
          expiration_block, creation_round, creation_round_block_hash, price_per_unit,
          pixels_per_unit, units, tickets, first_nonce, expected_value, charged, request_hash,
          state, ticket_params, price_info, created_at)
        select id, journal_id, caller, gateway, tenant_id, state_id, sequence, capability,
          orchestrator, recipient, face_value::numeric, win_prob::numeric, hash,
          expiration_block::numeric, round, round_hash, price, pixels, units::numeric, tickets,
          first_nonce, expected_value::numeric, charged, request_hash, state, params, price_info, created_at
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
          $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
          $13::bytea[], $14::text[], $15::bigint[], $16::bytea[], $17::bigint[], $18::bigint[],
          $19::text[], $20::int[], $21::int[], $22::text[], $23::bigint[], $24::bytea[],
          $25::text[], $26::bytea[], $27::bytea[], $28::timestamptz[])
          x(id, journal_id, caller, gateway, tenant_id, state_id, sequence, capability,
          orchestrator, recipient, face_value, win_prob, hash, expiration_block, round, round_hash,
          price, pixels, units, tickets, first_nonce, expected_value, charged, request_hash, state,
          params, price_info, created_at))
      insert into ticket_unbooked (batch_id) select unnest($1::text[])""";

  private static final Recorded.Refused USED =
      new Recorded.Refused(400, "state_used", "the state was used before");

  private final Ledger ledger;
  private final Ids ids;
  private final Caps caps;
  private final NanoUsd hold;
  private final SignerConfig config;
  private final ClearinghouseMetrics metrics;
  private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(WAITING);
  private volatile boolean stopping;
  private Thread lane;

  TicketStore(Ledger ledger, Ids ids, SignerConfig config, ClearinghouseMetrics metrics) {
    this.ledger = ledger;
    this.ids = ids;
    this.caps = new Caps(config);
    this.config = config;
    this.hold = NanoUsd.rounded(config.holdUsd());
    this.metrics = metrics;
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

  private record Waiting(Wanted wanted, CompletableFuture<Recorded> answer) {}

  private static final class Session {
    private final String caller;
    private long sequence;
    private BigInteger spent;
    private Batch last;

    private Session(String caller, long sequence, BigInteger spent, Batch last) {
      this.caller = caller;
      this.sequence = sequence;
      this.spent = spent;
      this.last = last;
    }
  }

  private record Written(Wanted wanted, String id, Batch batch) {}

  void start() {
    // A platform thread: virtual ones would wait for the many that sign.
    lane = Thread.ofPlatform().daemon().name("tickets").start(this::run);
  }

  void stop(@Observes ShutdownEvent ending) throws InterruptedException {
    stopping = true;
    if (lane != null) {
      lane.interrupt();
      lane.join(java.time.Duration.ofSeconds(5));
    }
  }

  /**
   * Records a payment and returns when it is committed.
   *
   * @throws UnrecordedException when it is unknown whether it was: nothing may be signed
   */
  Recorded record(Wanted wanted) {
    Waiting one = new Waiting(wanted, new CompletableFuture<>());
    if (stopping || !waiting.offer(one)) {
      return new Recorded.Refused(503, "busy", "busy");
    }
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
  Optional<Recorded> repeated(SignerCaller caller, PaymentState before, ByteString requestHash) {
    return ledger.read(
        tx -> {
          Tx.Sent stops = Stops.send(tx);
          List<Row> rows = sendSessions(tx, List.of(before.stateId()), "").rows();
          boolean stopped =
              Stops.hits(Stops.keys(stops.rows()), caller, before.orchestratorAddress());
          return rows.stream()
              .findFirst()
              .map(TicketStore::session)
              .filter(session -> session.caller.equals(caller.name()))
              .filter(session -> follows(session, before))
              .filter(session -> session.last.requestHash().equals(requestHash))
              .map(session -> stopped ? stopped() : new Recorded.Repeated(session.last));
        });
  }

  /** Whether the state is the one before the session's last payment. */
  private static boolean follows(Session session, PaymentState before) {
    return session.sequence == before.sequenceNumber() + 1 && session.last != null;
  }

  private void run() {
    List<Waiting> group = new ArrayList<>(GROUP);
    while (!stopping) {
      try {
        group.clear();
        group.add(waiting.take());
        waiting.drainTo(group, GROUP - 1);
        commit(group);
      } catch (InterruptedException stopped) {
        break;
      } catch (RuntimeException failed) {
        // The boundary of this thread: whoever waits is told, and the next group goes on.
        group.forEach(one -> one.answer().completeExceptionally(failed));
      }
    }
    waiting.forEach(
        one -> one.answer().complete(new Recorded.Refused(503, "stopping", "stopping")));
  }

  private void commit(List<Waiting> group) {
    try {
      List<Wanted> wanted = group.stream().map(Waiting::wanted).toList();
      List<Recorded> answers = ledger.transact(books -> recordAll(books, wanted));
      metrics.ticketsCommitted(group.size());
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

  private List<Recorded> recordAll(Books books, List<Wanted> wanted) {
    Tx tx = books.tx();
    tx.send(SETTINGS);
    Tx.Sent stopsSent = Stops.send(tx);
    Tx.Sent sessionsSent =
        sendSessions(
            tx,
            wanted.stream().flatMap(w -> w.before().stream()).map(PaymentState::stateId).toList(),
            "for update of s");
    Tx.Sent noncesSent = sendNonces(tx, wanted);
    Set<Caps.Window> windows = new LinkedHashSet<>();
    wanted.forEach(w -> windows.addAll(windows(w)));
    Map<Caps.Window, BigInteger> spent = lockSpends(tx, windows);
    Map<String, Session> sessions = new HashMap<>();
    sessionsSent.rows().forEach(row -> sessions.put(row.getString("state_id"), session(row)));
    Map<ByteString, Integer> nonces = new HashMap<>();
    noncesSent
        .rows()
        .forEach(
            row ->
                nonces.put(
                    ByteString.copyFrom(row.getBuffer("recipient_rand_hash").getBytes()),
                    row.getInteger("last_nonce")));
    Set<String> stops = Stops.keys(stopsSent.rows());
    lockAccounts(books, wanted);

    List<Recorded> answers = new ArrayList<>();
    List<Written> written = new ArrayList<>();
    Map<String, Journal.Lines> lines = new LinkedHashMap<>();
    for (Wanted one : wanted) {
      Recorded answer = decide(books, one, sessions, nonces, spent, stops, lines);
      answers.add(answer);
      if (answer instanceof Recorded.Granted granted) {
        written.add(new Written(one, ids.next(IdKind.TICKET), granted.batch()));
      }
    }
    if (!written.isEmpty()) {
      write(books, written, sessions, nonces, spent, lines);
    }
    return answers;
  }

  private static List<Caps.Window> windows(Wanted one) {
    return Caps.windows(one.caller(), one.after().orchestratorAddress(), one.now());
  }

  /** Checks one payment on what is locked, and changes it there when it passes. */
  private Recorded decide(
      Books books,
      Wanted one,
      Map<String, Session> sessions,
      Map<ByteString, Integer> nonces,
      Map<Caps.Window, BigInteger> spent,
      Set<String> stops,
      Map<String, Journal.Lines> lines) {
    if (Stops.hits(stops, one.caller(), one.after().orchestratorAddress())) {
      return stopped();
    }
    Session session = null;
    if (one.before().isPresent()) {
      PaymentState before = one.before().get();
      session = sessions.get(before.stateId());
      if (session == null) {
        return new Recorded.Refused(400, "state_unknown", "unknown state");
      }
      if (!session.caller.equals(one.caller().name())) {
        return new Recorded.Refused(403, "state_of_another", "the state belongs to another caller");
      }
      if (session.sequence != before.sequenceNumber()) {
        // Whoever lost an answer asks again with the state it has, perhaps with what its
        // orchestrator says by now: it gets the payment that state has led to, and never another.
        return follows(session, before) ? new Recorded.Repeated(session.last) : USED;
      }
    }
    ByteString hash = one.params().recipientRandHash();
    int last = nonces.get(hash);
    if (last + one.tickets() > MAX_NONCE) {
      // The orchestrator would refuse the nonces; fresh parameters begin at one again.
      return new Recorded.Refused(480, "nonces_used_up", "refresh session for remote signer");
    }
    BigInteger sessionSpent =
        (session == null ? BigInteger.ZERO : session.spent).add(one.expectedValue());
    if (sessionSpent.compareTo(config.maxSessionEv()) > 0) {
      return new Recorded.Refused(429, "session_cap", "the session's budget is used up");
    }
    List<Caps.Window> windows = windows(one);
    String passed = caps.passed(windows, spent, one.expectedValue());
    if (passed != null) {
      return new Recorded.Refused(
          429, "cap_" + passed.replace(' ', '_'), "the " + passed + " budget is used up");
    }
    if (one.cost().isPresent()
        && !pay(
            books,
            one,
            lines.computeIfAbsent(one.caller().tenant().orElseThrow(), t -> new Journal.Lines()))) {
      return new Recorded.Refused(402, "balance", "the tenant's balance is too low");
    }
    windows.forEach(window -> spent.merge(window, one.expectedValue(), BigInteger::add));
    nonces.put(hash, last + one.tickets());
    PaymentState state = one.after().withNonce(last + (long) one.tickets());
    Session now =
        session == null ? new Session(one.caller().name(), 0, BigInteger.ZERO, null) : session;
    now.sequence = state.sequenceNumber();
    now.spent = sessionSpent;
    now.last =
        new Batch(
            last + 1,
            one.tickets(),
            one.round().lastInitializedRound(),
            one.round().roundBlockHash(),
            one.requestHash(),
            one.params(),
            one.price().raw(),
            state.text());
    sessions.put(state.stateId(), now);
    return new Recorded.Granted(now.last);
  }

  private static Recorded.Refused stopped() {
    return new Recorded.Refused(403, "stopped", "signing is stopped");
  }

  /** Pays from the session's money, which is renewed from the tenant's credit. */
  private boolean pay(Books books, Wanted one, Journal.Lines journal) {
    String tenant = one.caller().tenant().orElseThrow();
    AccountRef credit = AccountRef.credit(tenant);
    AccountRef held = AccountRef.held(one.after().stateId());
    NanoUsd cost = one.cost().orElseThrow();
    NanoUsd credited = now(books, journal, credit);
    NanoUsd there = now(books, journal, held);
    NanoUsd renewal = NanoUsd.ZERO;
    if (there.compareTo(cost) < 0) {
      renewal = cost.minus(there).max(hold).min(credited);
      if (there.plus(renewal).compareTo(cost) < 0) {
        return false;
      }
    }
    journal
        .add(credit, renewal.negated())
        .add(held, renewal.minus(cost))
        .add(AccountRef.revenue(tenant), cost);
    return true;
  }

  /** What an account will have when the lines collected so far are booked. */
  private static NanoUsd now(Books books, Journal.Lines journal, AccountRef account) {
    BigInteger balance = books.balance(account);
    for (Journal.Line line : journal.list()) {
      if (line.account().equals(account)) {
        balance = balance.add(line.amount());
      }
    }
    return NanoUsd.ofNanos(balance.longValueExact());
  }

  /**
   * Only tenants' money moves at once; what the tickets are worth is booked by {@link TicketBooks}.
   */
  private static void lockAccounts(Books books, List<Wanted> wanted) {
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

  private static Tx.Sent sendSessions(Tx tx, List<String> stateIds, String lock) {
    return tx.send(
        """
        select s.state_id, s.caller, s.sequence, s.spent, b.first_nonce, b.tickets, b.creation_round,
          b.creation_round_block_hash, b.request_hash, b.ticket_params, b.price_info, b.state
        from signer_session s
        left join ticket_batch b on b.state_id = s.state_id and b.sequence = s.sequence
        where s.state_id = any($1) order by s.state_id\s"""
            + lock,
        (Object) stateIds.stream().distinct().toArray(String[]::new));
  }

  private static Session session(Row row) {
    Batch last =
        row.getBuffer("ticket_params") == null
            ? null
            : new Batch(
                row.getInteger("first_nonce"),
                row.getInteger("tickets"),
                row.getLong("creation_round"),
                ByteString.copyFrom(row.getBuffer("creation_round_block_hash").getBytes()),
                ByteString.copyFrom(row.getBuffer("request_hash").getBytes()),
                params(row.getBuffer("ticket_params").getBytes()),
                ByteString.copyFrom(row.getBuffer("price_info").getBytes()),
                row.getString("state"));
    return new Session(
        row.getString("caller"),
        row.getLong("sequence"),
        row.getBigDecimal("spent").toBigIntegerExact(),
        last);
  }

  private static TicketParams params(byte[] stored) {
    try {
      return TicketParams.read(ByteString.copyFrom(stored));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Locks and reads in one go: the update changes nothing but takes the row. */
  private static Tx.Sent sendNonces(Tx tx, List<Wanted> wanted) {
    return tx.send(
        """
        insert into recipient_nonce (recipient_rand_hash, last_nonce)
        select h, 0 from unnest($1::bytea[]) h order by h
        on conflict (recipient_rand_hash) do update set last_nonce = recipient_nonce.last_nonce
        returning recipient_rand_hash, last_nonce""",
        (Object)
            wanted.stream()
                .map(w -> w.params().recipientRandHash())
                .distinct()
                .map(TicketStore::buffer)
                .toArray(Buffer[]::new));
  }

  private static Map<Caps.Window, BigInteger> lockSpends(Tx tx, Set<Caps.Window> windows) {
    Object[] keys = keys(List.copyOf(windows));
    String select =
        """
        select s.scope, s.subject, s.span, s.starts_at, s.spent
        from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
          w(scope, subject, span, starts_at)
        join signer_spend s using (scope, subject, span, starts_at)
        order by s.scope, s.subject, s.span, s.starts_at for update of s""";
    List<Row> rows = tx.query(select, keys);
    if (rows.size() < windows.size()) {
      tx.change(
          """
          insert into signer_spend (scope, subject, span, starts_at)
          select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
            w(scope, subject, span, starts_at)
          order by scope, subject, span, starts_at on conflict do nothing""",
          keys);
      rows = tx.query(select, keys);
    }
    Map<Caps.Window, BigInteger> spent = new HashMap<>();
    for (Row row : rows) {
      spent.put(
          new Caps.Window(
              row.getString("scope"),
              row.getString("subject"),
              row.getString("span"),
              row.getOffsetDateTime("starts_at").toInstant()),
          row.getBigDecimal("spent").toBigIntegerExact());
    }
    return spent;
  }

  private static Object[] keys(List<Caps.Window> windows) {
    return new Object[] {
      windows.stream().map(Caps.Window::scope).toArray(String[]::new),
      windows.stream().map(Caps.Window::subject).toArray(String[]::new),
      windows.stream().map(Caps.Window::span).toArray(String[]::new),
      windows.stream()
          .map(w -> w.startsAt().atOffset(ZoneOffset.UTC))
          .toArray(OffsetDateTime[]::new)
    };
  }

  private void write(
      Books books,
      List<Written> written,
      Map<String, Session> sessions,
      Map<ByteString, Integer> nonces,
      Map<Caps.Window, BigInteger> spent,
      Map<String, Journal.Lines> lines) {
    Map<String, String> journals = new HashMap<>();
    for (Written one : written) {
      one.wanted()
          .caller()
          .tenant()
          .ifPresent(
              tenant ->
                  journals.computeIfAbsent(
                      tenant, whom -> book(books, whom, one, lines.get(whom))));
    }
    books.send();
    save(books.tx(), written, sessions, nonces, spent, journals);
  }

  /** One journal a tenant and commit: the batches under it have the parts. */
  private static String book(Books books, String tenant, Written first, Journal.Lines lines) {
    Booking booking =
        books.book(
            new Journal(
                "signed:" + first.id(),
                "signed",
                Optional.of(tenant),
                first.wanted().now(),
                "tickets signed for a program of the tenant",
                lines.summed()));
    if (!(booking instanceof Booking.Booked booked)) {
      throw new IllegalStateException("tickets could not be booked: " + booking);
    }
    return booked.journalId();
  }

  /** Both travel together, and the commit after them. */
  private static void save(
      Tx tx,
      List<Written> rows,
      Map<String, Session> sessions,
      Map<ByteString, Integer> nonces,
      Map<Caps.Window, BigInteger> spent,
      Map<String, String> journals) {
    Map<String, Written> latest = new LinkedHashMap<>();
    rows.forEach(one -> latest.put(one.wanted().after().stateId(), one));
    List<Written> last = List.copyOf(latest.values());
    List<ByteString> hashes =
        rows.stream().map(one -> one.wanted().params().recipientRandHash()).distinct().toList();
    List<Caps.Window> windows = List.copyOf(spent.keySet());
    List<Object> parameters = new ArrayList<>();
    parameters.add(texts(last, one -> one.wanted().after().stateId()));
    parameters.add(texts(last, one -> one.wanted().caller().name()));
    parameters.add(texts(last, one -> one.wanted().caller().tenant().orElse(null)));
    parameters.add(texts(last, one -> one.wanted().after().orchestratorAddress()));
    parameters.add(longs(last, one -> one.wanted().after().sequenceNumber()));
    parameters.add(
        texts(last, one -> sessions.get(one.wanted().after().stateId()).spent.toString()));
    parameters.add(times(last));
    parameters.add(hashes.stream().map(TicketStore::buffer).toArray(Buffer[]::new));
    parameters.add(hashes.stream().map(nonces::get).toArray(Integer[]::new));
    parameters.addAll(Arrays.asList(keys(windows)));
    parameters.add(windows.stream().map(w -> spent.get(w).toString()).toArray(String[]::new));
    tx.send(SAVE_COUNTERS, parameters.toArray());
    tx.send(SAVE_BATCHES, batches(rows, journals).toArray());
  }

  private static List<Object> batches(List<Written> rows, Map<String, String> journals) {
    List<Object> parameters = new ArrayList<>();
    parameters.add(texts(rows, Written::id));
    parameters.add(
        texts(rows, one -> one.wanted().caller().tenant().map(journals::get).orElse(null)));
    parameters.add(texts(rows, one -> one.wanted().caller().name()));
    parameters.add(texts(rows, one -> one.wanted().caller().gateway().orElse(null)));
    parameters.add(texts(rows, one -> one.wanted().caller().tenant().orElse(null)));
    parameters.add(texts(rows, one -> one.wanted().after().stateId()));
    parameters.add(longs(rows, one -> one.wanted().after().sequenceNumber()));
    parameters.add(texts(rows, one -> capability(one.wanted().type())));
    parameters.add(texts(rows, one -> one.wanted().after().orchestratorAddress()));
    parameters.add(texts(rows, one -> new Address(one.wanted().params().recipient()).lowerCase()));
    parameters.add(texts(rows, one -> one.wanted().params().faceValue().toString()));
    parameters.add(texts(rows, one -> one.wanted().params().winProb().toString()));
    parameters.add(buffers(rows, one -> one.wanted().params().recipientRandHash()));
    parameters.add(texts(rows, one -> one.wanted().params().expirationBlock().toString()));
    parameters.add(longs(rows, one -> one.wanted().round().lastInitializedRound()));
    parameters.add(buffers(rows, one -> one.wanted().round().roundBlockHash()));
    parameters.add(longs(rows, one -> one.wanted().price().pricePerUnit()));
    parameters.add(longs(rows, one -> one.wanted().price().pixelsPerUnit()));
    parameters.add(texts(rows, one -> one.wanted().units().toString()));
    parameters.add(rows.stream().map(one -> one.wanted().tickets()).toArray(Integer[]::new));
    parameters.add(rows.stream().map(one -> one.batch().firstNonce()).toArray(Integer[]::new));
    parameters.add(texts(rows, one -> one.wanted().expectedValue().toString()));
    parameters.add(longs(rows, one -> one.wanted().cost().map(NanoUsd::nanos).orElse(0L)));
    parameters.add(buffers(rows, one -> one.wanted().requestHash()));
    parameters.add(texts(rows, one -> one.batch().state()));
    parameters.add(buffers(rows, one -> one.batch().params().write()));
    parameters.add(buffers(rows, one -> one.batch().priceInfo()));
    parameters.add(times(rows));
    return parameters;
  }

  static String capability(String type) {
    return "lv2v".equals(type) ? "live-video-to-video" : type.isEmpty() ? "other" : type;
  }

  private static String[] texts(List<Written> rows, Function<Written, String> part) {
    return rows.stream().map(part).toArray(String[]::new);
  }

  private static Long[] longs(List<Written> rows, Function<Written, Long> part) {
    return rows.stream().map(part).toArray(Long[]::new);
  }

  private static Buffer[] buffers(List<Written> rows, Function<Written, ByteString> part) {
    return rows.stream().map(part).map(TicketStore::buffer).toArray(Buffer[]::new);
  }

  private static OffsetDateTime[] times(List<Written> rows) {
    return rows.stream()
        .map(one -> one.wanted().now().atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }

  private static Buffer buffer(ByteString bytes) {
    return Buffer.buffer(bytes.toByteArray());
  }
}
