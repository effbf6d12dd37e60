package io.naap.auth.audit;

import io.naap.contracts.audit.AuditEntry;
import io.naap.contracts.json.Json;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.hibernate.reactive.mutiny.Mutiny;

/** Appends to the audit log and reads it. */
@ApplicationScoped
public class Audit {
  private static final String COLUMNS =
      "select seq, at, actor, tenant_id, action, object, address, request_id, details, previous,"
          + " hash from audit ";

  private static final String LAST = "select seq, hash from audit order by seq desc limit 1";

  private final Transactions transactions;
  private final Clock clock;

  Audit(Transactions transactions, Clock clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  /**
   * Appends an entry in the caller's transaction. Call it last: it takes a lock that every other
   * append waits for until the transaction commits, because an entry holds the hash of the one
   * before.
   */
  public void record(Tx tx, Action action) {
    tx.query("select pg_advisory_xact_lock(8103)");
    AuditEntry entry =
        tx.one(LAST)
            .map(row -> next(action, row.getLong("seq"), row.getString("hash")))
            .orElseGet(() -> next(action, 0, AuditEntry.NONE));
    tx.change(
        """
        insert into audit
          (seq, at, actor, tenant_id, action, object, address, request_id, details, previous, hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        entry.seq(),
        entry.act().at().atOffset(ZoneOffset.UTC),
        entry.act().actor(),
        entry.act().tenantId(),
        entry.act().action(),
        entry.act().object(),
        entry.act().address(),
        entry.act().requestId(),
        entry.act().details(),
        entry.previous(),
        entry.hash());
  }

  /** Does the same in the open session of Hibernate Reactive, after writing its changes. */
  public Uni<Void> record(Action action) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .flush()
                    .chain(
                        () ->
                            session
                                .createNativeQuery(
                                    "select 1 from pg_advisory_xact_lock(8103)", Integer.class)
                                .getSingleResult())
                    .chain(
                        () ->
                            session.createNativeQuery(LAST, Object[].class).getSingleResultOrNull())
                    .map(
                        last ->
                            last == null
                                ? next(action, 0, AuditEntry.NONE)
                                : next(action, ((Number) last[0]).longValue(), (String) last[1]))
                    .flatMap(entry -> insert(session, entry)));
  }

  private static Uni<Void> insert(Mutiny.Session session, AuditEntry entry) {
    return session
        .createNativeQuery(
            """
            insert into audit
              (seq, at, actor, tenant_id, action, object, address, request_id, details, previous,
                hash)
            values (:seq, :at, :actor, :tenant, :action, :object, :address, :request, :details,
              :previous, :hash)""")
        .setParameter("seq", entry.seq())
        .setParameter("at", entry.act().at())
        .setParameter("actor", entry.act().actor())
        .setParameter("tenant", entry.act().tenantId())
        .setParameter("action", entry.act().action())
        .setParameter("object", entry.act().object())
        .setParameter("address", entry.act().address())
        .setParameter("request", entry.act().requestId())
        .setParameter("details", entry.act().details())
        .setParameter("previous", entry.previous())
        .setParameter("hash", entry.hash())
        .executeUpdate()
        .replaceWithVoid();
  }

  private AuditEntry next(Action action, long lastSeq, String lastHash) {
    return new AuditEntry(
            lastSeq + 1,
            new AuditEntry.Act(
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                action.actor(),
                action.tenantId(),
                action.name(),
                action.object(),
                action.origin().address(),
                action.origin().requestId(),
                Json.write(new TreeMap<>(action.details()))),
            lastHash,
            "")
        .sealed();
  }

  /** Entries of one tenant or of all tenants, numbered below {@code before}, newest first. */
  List<AuditEntry> newest(Optional<String> tenantId, long before, int limit) {
    return transactions
        .run(
            tx ->
                tenantId.isPresent()
                    ? tx.query(
                        COLUMNS + "where tenant_id = $1 and seq < $2 order by seq desc limit $3",
                        tenantId.get(),
                        before,
                        limit)
                    : tx.query(
                        COLUMNS + "where seq < $1 order by seq desc limit $2", before, limit))
        .stream()
        .map(Audit::entry)
        .toList();
  }

  /** Entries of one tenant or of all tenants, numbered above {@code after}, oldest first. */
  List<AuditEntry> oldest(Optional<String> tenantId, long after, int limit) {
    return transactions
        .run(
            tx ->
                tenantId.isPresent()
                    ? tx.query(
                        COLUMNS + "where tenant_id = $1 and seq > $2 order by seq limit $3",
                        tenantId.get(),
                        after,
                        limit)
                    : tx.query(COLUMNS + "where seq > $1 order by seq limit $2", after, limit))
        .stream()
        .map(Audit::entry)
        .toList();
  }

  private static AuditEntry entry(Row row) {
    Instant at = row.getOffsetDateTime("at").toInstant();
    return new AuditEntry(
        row.getLong("seq"),
        new AuditEntry.Act(
            at,
            row.getString("actor"),
            row.getString("tenant_id"),
            row.getString("action"),
            row.getString("object"),
            row.getString("address"),
            row.getString("request_id"),
            row.getString("details")),
        row.getString("previous"),
        row.getString("hash"));
  }
}
