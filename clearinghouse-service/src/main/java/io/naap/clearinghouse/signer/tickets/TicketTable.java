package io.naap.clearinghouse.signer.tickets;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.wallet.Address;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The rows of sessions, recipient nonces, caps and batches. Statements that do not need each
 * other's answers are sent together.
 */
final class TicketTable {
  /**
   * A transaction reads few rows of large tables, by their keys: a plan that was made while the
   * tables were small must not scan them, and planning again costs more than running. A signature
   * waits for the disk, whatever the server's default is.
   */
  private static final String SETTINGS =
      """
      select set_config('synchronous_commit', 'on', true),
        set_config('plan_cache_mode', 'force_generic_plan', true),
        set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)""";

  // Two statements and not one: the client caches prepared statements of up to 2,048 characters.
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

  static final String SAVE_BATCHES =
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

  static final String OPEN_SPENDS =
      """
      insert into signer_spend (scope, subject, span, starts_at)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
        w(scope, subject, span, starts_at)
      order by scope, subject, span, starts_at on conflict do nothing""";

  private static final String LOCK_SPENDS =
      """
      select s.scope, s.subject, s.span, s.starts_at, s.spent
      from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
        w(scope, subject, span, starts_at)
      join signer_spend s using (scope, subject, span, starts_at)
      order by s.scope, s.subject, s.span, s.starts_at for update of s""";

  /** A payment that passed, and the id that it is stored under. */
  record Written(PaymentToRecord payment, String id, TicketBatch batch) {}

  private TicketTable() {}

  static void sendSettings(Tx tx) {
    tx.send(SETTINGS);
  }

  static Tx.Sent sendSessions(Tx tx, List<String> stateIds, String lock) {
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

  static PaymentRules.Session session(Row row) {
    TicketBatch last =
        row.getBuffer("ticket_params") == null
            ? null
            : new TicketBatch(
                row.getInteger("first_nonce"),
                row.getInteger("tickets"),
                new PaymentToRecord.Round(
                    row.getLong("creation_round"), bytes(row, "creation_round_block_hash")),
                bytes(row, "request_hash"),
                params(bytes(row, "ticket_params")),
                bytes(row, "price_info"),
                row.getString("state"));
    return new PaymentRules.Session(
        row.getString("caller"),
        row.getLong("sequence"),
        row.getBigDecimal("spent").toBigIntegerExact(),
        last);
  }

  private static ByteString bytes(Row row, String column) {
    return ByteString.copyFrom(row.getBuffer(column).getBytes());
  }

  private static TicketParams params(ByteString stored) {
    try {
      return TicketParams.read(stored);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Locks the rows of the recipients' secrets and reads them; the update changes nothing. */
  static Tx.Sent sendNonces(Tx tx, List<PaymentToRecord> payments) {
    return tx.send(
        """
        insert into recipient_nonce (recipient_rand_hash, last_nonce)
        select h, 0 from unnest($1::bytea[]) h order by h
        on conflict (recipient_rand_hash) do update set last_nonce = recipient_nonce.last_nonce
        returning recipient_rand_hash, last_nonce""",
        (Object)
            payments.stream()
                .map(PaymentToRecord::recipientRandHash)
                .distinct()
                .map(TicketTable::buffer)
                .toArray(Buffer[]::new));
  }

  static Map<ByteString, Integer> nonces(List<Row> rows) {
    Map<ByteString, Integer> nonces = new HashMap<>();
    rows.forEach(
        row -> nonces.put(bytes(row, "recipient_rand_hash"), row.getInteger("last_nonce")));
    return nonces;
  }

  /** Locks the rows of the windows and reads what is spent; rows that are missing are added. */
  static Map<Caps.Window, BigInteger> lockSpends(Tx tx, Set<Caps.Window> windows) {
    Object[] keys = keys(List.copyOf(windows));
    List<Row> rows = tx.query(LOCK_SPENDS, keys);
    if (rows.size() < windows.size()) {
      tx.change(OPEN_SPENDS, keys);
      rows = tx.query(LOCK_SPENDS, keys);
    }
    Map<Caps.Window, BigInteger> spent = new HashMap<>();
    for (Row row : rows) {
      spent.put(
          new Caps.Window(
              Caps.Scope.of(row.getString("scope")),
              row.getString("subject"),
              Caps.Span.of(row.getString("span")),
              row.getOffsetDateTime("starts_at").toInstant()),
          row.getBigDecimal("spent").toBigIntegerExact());
    }
    return spent;
  }

  static Object[] keys(List<Caps.Window> windows) {
    return new Object[] {
      windows.stream().map(window -> window.scope().wireName()).toArray(String[]::new),
      windows.stream().map(Caps.Window::subject).toArray(String[]::new),
      windows.stream().map(window -> window.span().wireName()).toArray(String[]::new),
      windows.stream()
          .map(w -> w.startsAt().atOffset(ZoneOffset.UTC))
          .toArray(OffsetDateTime[]::new)
    };
  }

  /** Saves the changed state and the batches; the commit after them waits for both. */
  static void save(
      Tx tx, List<Written> rows, PaymentRules.State state, Map<String, String> journals) {
    Map<String, Written> latest = new LinkedHashMap<>();
    rows.forEach(one -> latest.put(one.payment().stateId(), one));
    List<Written> last = List.copyOf(latest.values());
    List<ByteString> hashes =
        rows.stream().map(one -> one.payment().recipientRandHash()).distinct().toList();
    List<Caps.Window> windows = List.copyOf(state.spent().keySet());
    List<Object> parameters = new ArrayList<>();
    parameters.addAll(sessions(last));
    parameters.add(
        texts(last, one -> state.sessions().get(one.payment().stateId()).spent.toString()));
    parameters.add(times(last));
    parameters.add(hashes.stream().map(TicketTable::buffer).toArray(Buffer[]::new));
    parameters.add(hashes.stream().map(state.nonces()::get).toArray(Integer[]::new));
    parameters.addAll(Arrays.asList(keys(windows)));
    parameters.add(
        windows.stream()
            .map(window -> state.spent().get(window).toString())
            .toArray(String[]::new));
    tx.send(SAVE_COUNTERS, parameters.toArray());
    tx.send(SAVE_BATCHES, batches(rows, journals).toArray());
  }

  /** State ids, callers, tenants, orchestrators and sequence numbers of the payments' sessions. */
  static List<Object> sessions(List<Written> rows) {
    return List.of(
        texts(rows, one -> one.payment().stateId()),
        texts(rows, one -> one.payment().caller().name()),
        texts(rows, one -> one.payment().caller().tenant().orElse(null)),
        texts(rows, one -> one.payment().orchestrator()),
        longs(rows, one -> one.payment().after().sequenceNumber()));
  }

  static List<Object> batches(List<Written> rows, Map<String, String> journals) {
    return List.of(
        texts(rows, Written::id),
        texts(rows, one -> one.payment().caller().tenant().map(journals::get).orElse(null)),
        texts(rows, one -> one.payment().caller().name()),
        texts(rows, one -> one.payment().caller().gateway().orElse(null)),
        texts(rows, one -> one.payment().caller().tenant().orElse(null)),
        texts(rows, one -> one.payment().stateId()),
        longs(rows, one -> one.payment().after().sequenceNumber()),
        texts(rows, one -> one.payment().fee().type().capability()),
        texts(rows, one -> one.payment().orchestrator()),
        texts(rows, one -> new Address(one.batch().params().recipient()).lowerCase()),
        texts(rows, one -> one.batch().params().faceValue().toString()),
        texts(rows, one -> one.batch().params().winProb().toString()),
        buffers(rows, one -> one.payment().recipientRandHash()),
        texts(rows, one -> one.batch().params().expirationBlock().toString()),
        longs(rows, one -> one.batch().round().number()),
        buffers(rows, one -> one.batch().round().blockHash()),
        longs(rows, one -> one.payment().terms().price().pricePerUnit()),
        longs(rows, one -> one.payment().terms().price().pixelsPerUnit()),
        texts(rows, one -> one.payment().fee().units().toString()),
        rows.stream().map(one -> one.batch().tickets()).toArray(Integer[]::new),
        rows.stream().map(one -> one.batch().firstNonce()).toArray(Integer[]::new),
        texts(rows, one -> one.payment().fee().expectedValue().toString()),
        longs(rows, one -> one.payment().fee().cost().map(NanoUsd::nanos).orElse(0L)),
        buffers(rows, one -> one.payment().requestHash()),
        texts(rows, one -> one.batch().state()),
        buffers(rows, one -> one.batch().params().write()),
        buffers(rows, one -> one.batch().priceInfo()),
        times(rows));
  }

  static String[] texts(List<Written> rows, Function<Written, String> part) {
    return rows.stream().map(part).toArray(String[]::new);
  }

  private static Long[] longs(List<Written> rows, Function<Written, Long> part) {
    return rows.stream().map(part).toArray(Long[]::new);
  }

  static Buffer[] buffers(List<Written> rows, Function<Written, ByteString> part) {
    return rows.stream().map(part).map(TicketTable::buffer).toArray(Buffer[]::new);
  }

  static OffsetDateTime[] times(List<Written> rows) {
    return rows.stream()
        .map(one -> one.payment().now().atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }

  private static Buffer buffer(ByteString bytes) {
    return Buffer.buffer(bytes.toByteArray());
  }
}
