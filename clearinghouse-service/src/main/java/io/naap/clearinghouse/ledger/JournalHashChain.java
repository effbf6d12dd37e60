package io.naap.clearinghouse.ledger;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.contracts.events.BalanceChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import io.naap.store.outbox.Outbox;
import io.naap.store.worker.Worker;
import io.naap.store.worker.Workers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Seals journals into a hash chain, in an order of its own that never changes: what was booked
 * cannot be altered, left out or put in between later without the chain telling. Done soon after
 * the commit and not in it, so that bookings of different tenants do not wait for each other. Whose
 * balance changed is announced as its journals are sealed; the seal's position is the revision.
 */
@ApplicationScoped
public class JournalHashChain {
  static final byte[] ORIGIN = new byte[32];
  private static final int BATCH = 1_000;

  /** What another replica booked is sealed so late at most, when that replica does not. */
  private static final Duration SWEEP = Duration.ofMillis(500);

  /** At least so long between small seals: for one journal it costs as much as for some. */
  private static final Duration GATHER = Duration.ofMillis(50);

  /** Any number, the same in every replica: one seals at a time. */
  private static final long SEAL_LOCK = 8502;

  private final Ledger ledger;
  private final Outbox outbox;
  private final Ids ids;
  private final Clock clock;
  private final ClearinghouseMetrics metrics;
  private final Workers workers;
  private Worker worker;

  JournalHashChain(
      Workers workers,
      Ledger ledger,
      Outbox outbox,
      Ids ids,
      Clock clock,
      ClearinghouseMetrics metrics) {
    this.workers = workers;
    this.ledger = ledger;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent started) {
    worker = workers.start("seals", Duration.ZERO, this::run);
  }

  void stop(@Observes ShutdownEvent ending) {
    if (worker != null) {
      worker.stop();
    }
  }

  /** What is not sealed when a round fails stays in line. */
  private void run() throws InterruptedException {
    if (seal() < BATCH) {
      Thread.sleep(GATHER);
      ledger.awaitBooking(SWEEP);
    }
  }

  /** Seals what is in line; says how many journals. */
  public int seal() {
    int sealed = ledger.read(this::seal);
    if (sealed > 0) {
      outbox.poke();
      metrics.sealed(sealed);
    }
    return sealed;
  }

  private int seal(Tx tx) {
    tx.query("select pg_advisory_xact_lock($1)", SEAL_LOCK);
    // In two steps, each with an index to go by: as one, the plan reads whole tables.
    String[] taken =
        tx
            .query(
                "delete from journal_unsealed where journal_id = any(array("
                    + "select journal_id from journal_unsealed order by journal_id limit "
                    + BATCH
                    + ")) returning journal_id")
            .stream()
            .map(row -> row.getString(0))
            .toArray(String[]::new);
    if (taken.length == 0) {
      return 0;
    }
    List<Row> waiting =
        tx.query(
            "select " + COLUMNS + " from journal j where j.id = any($1) order by j.id",
            (Object) taken);
    Row head =
        tx.one("select position, hash from journal_seal order by position desc limit 1")
            .orElse(null);
    long position = head == null ? 0 : head.getLong("position");
    byte[] hash = head == null ? ORIGIN : head.getBuffer("hash").getBytes();
    List<Long> positions = new ArrayList<>();
    List<String> journals = new ArrayList<>();
    List<Buffer> hashes = new ArrayList<>();
    for (Row journal : waiting) {
      hash = next(hash, journal.getString("text"));
      positions.add(++position);
      journals.add(journal.getString("id"));
      hashes.add(Buffer.buffer(hash));
    }
    Instant now = clock.instant();
    tx.change(
        """
        insert into journal_seal (position, journal_id, hash, sealed_at)
        select p, j, h, $4 from unnest($1::bigint[], $2::text[], $3::bytea[]) x(p, j, h)""",
        positions.toArray(Long[]::new),
        journals.toArray(String[]::new),
        hashes.toArray(Buffer[]::new),
        now.atOffset(ZoneOffset.UTC));
    announce(tx, journals, position, now);
    return waiting.size();
  }

  /** A journal as one text, in which no two different journals are alike. */
  static final String COLUMNS =
      """
      j.id, jsonb_build_array(j.id, j.business_key, j.kind, j.tenant_id, j.description,
        to_char(j.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        (select jsonb_agg(jsonb_build_array(a.owner, a.kind, p.currency, p.amount::text) order by p.id)
         from posting p join account a on a.id = p.account_id where p.journal_id = j.id))::text as text""";

  static byte[] next(byte[] before, String journal) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(before);
      return digest.digest(journal.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void announce(Tx tx, List<String> journals, long revision, Instant now) {
    Map<String, long[]> balances = new LinkedHashMap<>();
    for (Row row :
        tx.query(
            """
            with touched as (
              select distinct coalesce(f.tenant_id, s.tenant_id, k.tenant_id, a.owner) tenant_id
              from posting p join account a on a.id = p.account_id
              left join funding f on a.kind = 'set_aside' and f.id = a.owner
              left join signer_session s on a.kind = 'held' and s.state_id = a.owner
              left join stock_session k on a.kind = 'held' and k.state_id = a.owner
              where p.journal_id = any($1) and a.kind in ('credit', 'owed', 'set_aside', 'held'))
            select t.tenant_id,
              (select coalesce(sum(balance), 0) from account a
                where a.owner = t.tenant_id and a.kind = 'credit')::bigint credit,
              ((select coalesce(sum(a.balance), 0) from account a join funding f on f.id = a.owner
                where a.kind = 'set_aside' and f.tenant_id = t.tenant_id)
              + (select coalesce(sum(a.balance), 0) from account a
                join signer_session s on s.state_id = a.owner
                where a.kind = 'held' and a.balance > 0 and s.tenant_id = t.tenant_id))::bigint aside,
              (select coalesce(sum(balance), 0) from account a
                where a.owner = t.tenant_id and a.kind = 'owed')::bigint owed
            from touched t where t.tenant_id is not null""",
            (Object) journals.toArray(String[]::new))) {
      balances.put(
          row.getString("tenant_id"),
          new long[] {row.getLong("credit"), row.getLong("aside"), row.getLong("owed")});
    }
    List<String> events = new ArrayList<>();
    balances.forEach(
        (tenant, sums) -> {
          String id = ids.next(IdKind.EVENT);
          events.add(
              text(
                  new BalanceChanged(
                      id,
                      now,
                      tenant,
                      revision,
                      NanoUsd.ofNanos(sums[0]),
                      NanoUsd.ofNanos(sums[1]),
                      NanoUsd.ofNanos(sums[2]).negated())));
        });
    outbox.add(tx, Topic.BALANCES, events);
  }

  private static String text(Object event) {
    return Json.write(event);
  }
}
