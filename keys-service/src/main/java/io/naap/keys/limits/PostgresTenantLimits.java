package io.naap.keys.limits;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.keys.outbox.Changes;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Stores tenants' limits in Postgres. A change and its {@link KeyChanged} event, which names no
 * key, commit together in the caller's transaction.
 */
@ApplicationScoped
public class PostgresTenantLimits {
  private final Changes changes;
  private final Ids ids;
  private final Clock clock;

  PostgresTenantLimits(Changes changes, Ids ids, Clock clock) {
    this.changes = changes;
    this.ids = ids;
    this.clock = clock;
  }

  /** The result of a change. */
  sealed interface Changed {
    record Done(TenantLimits limits) implements Changed {}

    /** A limit exceeds the operator's ceiling. */
    record AboveCeiling(String which) implements Changed {}
  }

  /** The limits of a tenant; empty ones when none were ever set. */
  public Uni<TenantLimits> of(String tenantId) {
    return Panache.getSession().flatMap(session -> read(session, tenantId, ""));
  }

  Uni<Changed> setOperators(String tenantId, Ceiling operator) {
    return Panache.getSession()
        .flatMap(
            session ->
                locked(session, tenantId)
                    .flatMap(before -> write(session, before, operator, before.own())))
        .map(Changed.Done::new);
  }

  Uni<Changed> setOwn(String tenantId, Ceiling own) {
    return Panache.getSession()
        .flatMap(
            session ->
                locked(session, tenantId)
                    .flatMap(
                        before ->
                            own.above(before.operator())
                                .<Uni<Changed>>map(
                                    which -> Uni.createFrom().item(new Changed.AboveCeiling(which)))
                                .orElseGet(
                                    () ->
                                        write(session, before, before.operator(), own)
                                            .map(Changed.Done::new))));
  }

  private Uni<TenantLimits> locked(Mutiny.Session session, String tenantId) {
    return session
        .createNativeQuery(
            """
            insert into tenant_limits (tenant_id, revision, updated_at) values (:tenant, 1, :now)
            on conflict do nothing""")
        .setParameter("tenant", tenantId)
        .setParameter("now", now())
        .executeUpdate()
        .flatMap(done -> read(session, tenantId, " for update"));
  }

  private static Uni<TenantLimits> read(Mutiny.Session session, String tenantId, String lock) {
    return session
        .createNativeQuery(
            """
            select l.operator_limits, l.operator_keys_max, l.own_limits, l.own_keys_max,
              (select keys from tenant_keys where tenant_id = :tenant) as keys, l.revision
            from tenant_limits l where l.tenant_id = :tenant"""
                + lock,
            Object[].class)
        .setParameter("tenant", tenantId)
        .getResultList()
        .map(rows -> rows.isEmpty() ? new Object[6] : rows.get(0))
        .map(
            row ->
                TenantLimits.of(
                    tenantId,
                    ceiling(row[0], row[1]),
                    ceiling(row[2], row[3]),
                    number(row[4]),
                    number(row[5]).orElse(0L)));
  }

  private static Ceiling ceiling(Object limits, Object keysMax) {
    return limits == null
        ? Ceiling.NONE
        : new Ceiling(Json.read((String) limits, KeyLimits.class), number(keysMax));
  }

  private static Optional<Long> number(Object value) {
    return Optional.ofNullable((Number) value).map(Number::longValue);
  }

  private Uni<TenantLimits> write(
      Mutiny.Session session, TenantLimits before, Ceiling operator, Ceiling own) {
    Instant now = now();
    long revision = before.revision() + 1;
    KeyChanged event =
        new KeyChanged(ids.next(IdKind.EVENT), now, Optional.empty(), before.tenantId(), revision);
    return session
        .createNativeQuery(
            """
            update tenant_limits set operator_limits = :operator,
              operator_keys_max = cast(:operatorKeys as bigint), own_limits = :own,
              own_keys_max = cast(:ownKeys as bigint), revision = :revision, updated_at = :now
            where tenant_id = :tenant""")
        .setParameter("operator", Json.write(operator.limits()))
        .setParameter("operatorKeys", operator.keysMax().orElse(null))
        .setParameter("own", Json.write(own.limits()))
        .setParameter("ownKeys", own.keysMax().orElse(null))
        .setParameter("revision", revision)
        .setParameter("now", now)
        .setParameter("tenant", before.tenantId())
        .executeUpdate()
        .flatMap(done -> changes.announce(Topic.KEYS, Json.write(event)))
        .map(
            done ->
                TenantLimits.of(
                    before.tenantId(), operator, own, Optional.of(before.keys()), revision));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
