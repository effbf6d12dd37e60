package io.naap.keys.limits;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.keys.outbox.Changes;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Stores tenants' limits in Postgres. A change and its {@link KeyChanged} event, which names no
 * key, commit together in the caller's transaction.
 */
@ApplicationScoped
public class PostgresTenantLimits implements PanacheRepositoryBase<StoredTenantLimits, String> {
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
    return findById(tenantId)
        .map(
            row ->
                row == null
                    ? TenantLimits.of(tenantId, Ceiling.NONE, Ceiling.NONE, Optional.empty(), 0)
                    : row.view());
  }

  Uni<Changed> setOperators(String tenantId, Ceiling operator) {
    return locked(tenantId).flatMap(row -> changed(row, operator, row.own()));
  }

  Uni<Changed> setOwn(String tenantId, Ceiling own) {
    return locked(tenantId)
        .flatMap(
            row -> {
              Optional<String> above = own.above(row.operator());
              return above.isPresent()
                  ? Uni.createFrom().item(new Changed.AboveCeiling(above.get()))
                  : changed(row, row.operator(), own);
            });
  }

  /** The tenant's row, locked. Panache cannot insert it only if it is absent, so SQL does. */
  private Uni<StoredTenantLimits> locked(String tenantId) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        """
                        insert into tenant_limits (tenant_id, revision, updated_at)
                        values (:tenant, 1, :now) on conflict do nothing""")
                    .setParameter("tenant", tenantId)
                    .setParameter("now", now())
                    .executeUpdate())
        .chain(() -> findById(tenantId, LockModeType.PESSIMISTIC_WRITE));
  }

  private Uni<Changed> changed(StoredTenantLimits row, Ceiling operator, Ceiling own) {
    row.set(operator, own);
    row.revision++;
    row.updatedAt = now();
    return announce(row).map(done -> new Changed.Done(row.view()));
  }

  private Uni<Void> announce(StoredTenantLimits row) {
    KeyChanged event =
        new KeyChanged(
            ids.next(IdKind.EVENT), row.updatedAt, Optional.empty(), row.tenantId, row.revision);
    return changes.announce(Topic.KEYS, Json.write(event));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
