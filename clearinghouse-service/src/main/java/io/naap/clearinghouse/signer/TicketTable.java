package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.wire.TicketParams;
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
 * The rows of sessions, secrets, caps and batches. Hand-written SQL, because the row locks are what
 * keeps a nonce from being given out twice; statements that need no answer of one another travel
 * together.
 */
final class TicketTable {
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
        set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)""";

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

  /** A payment that passed, and what it is stored under. */
  record Written(TicketStore.Wanted wanted, String id, TicketStore.Batch batch) {}

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

  static GroupCheck.Session session(Row row) {
    TicketStore.Batch last =
        row.getBuffer("ticket_params") == null
            ? null
            : new TicketStore.Batch(
                row.getInteger("first_nonce"),
                row.getInteger("tickets"),
                row.getLong("creation_round"),
                ByteString.copyFrom(row.getBuffer("creation_round_block_hash").getBytes()),
                ByteString.copyFrom(row.getBuffer("request_hash").getBytes()),
                params(row.getBuffer("ticket_params").getBytes()),
                ByteString.copyFrom(row.getBuffer("price_info").getBytes()),
                row.getString("state"));
    return new GroupCheck.Session(
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
  static Tx.Sent sendNonces(Tx tx, List<TicketStore.Wanted> wanted) {
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
                .map(TicketTable::buffer)
                .toArray(Buffer[]::new));
  }

  static Map<Caps.Window, BigInteger> lockSpends(Tx tx, Set<Caps.Window> windows) {
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

  static Object[] keys(List<Caps.Window> windows) {
    return new Object[] {
      windows.stream().map(Caps.Window::scope).toArray(String[]::new),
      windows.stream().map(Caps.Window::subject).toArray(String[]::new),
      windows.stream().map(Caps.Window::span).toArray(String[]::new),
      windows.stream()
          .map(w -> w.startsAt().atOffset(ZoneOffset.UTC))
          .toArray(OffsetDateTime[]::new)
    };
  }

  /** Both travel together, and the commit after them. */
  static void save(
      Tx tx,
      List<Written> rows,
      Map<String, GroupCheck.Session> sessions,
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
    parameters.add(hashes.stream().map(TicketTable::buffer).toArray(Buffer[]::new));
    parameters.add(hashes.stream().map(nonces::get).toArray(Integer[]::new));
    parameters.addAll(Arrays.asList(keys(windows)));
    parameters.add(windows.stream().map(w -> spent.get(w).toString()).toArray(String[]::new));
    tx.send(SAVE_COUNTERS, parameters.toArray());
    tx.send(SAVE_BATCHES, batches(rows, journals).toArray());
  }

  static List<Object> batches(List<Written> rows, Map<String, String> journals) {
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

  static String[] texts(List<Written> rows, Function<Written, String> part) {
    return rows.stream().map(part).toArray(String[]::new);
  }

  static Long[] longs(List<Written> rows, Function<Written, Long> part) {
    return rows.stream().map(part).toArray(Long[]::new);
  }

  private static Buffer[] buffers(List<Written> rows, Function<Written, ByteString> part) {
    return rows.stream().map(part).map(TicketTable::buffer).toArray(Buffer[]::new);
  }

  static OffsetDateTime[] times(List<Written> rows) {
    return rows.stream()
        .map(one -> one.wanted().now().atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }

  static Buffer buffer(ByteString bytes) {
    return Buffer.buffer(bytes.toByteArray());
  }
}
