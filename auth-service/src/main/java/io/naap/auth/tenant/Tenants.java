package io.naap.auth.tenant;

import io.naap.auth.audit.Action;
import io.naap.auth.audit.Audit;
import io.naap.auth.audit.Origin;
import io.naap.contracts.events.TenantChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.store.outbox.SessionOutbox;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheQuery;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Lists and changes tenants. A change, its {@link TenantChanged} event and its audit entry commit
 * together. Methods run in the caller's session or transaction.
 */
@ApplicationScoped
public class Tenants implements PanacheRepositoryBase<StoredTenant, String> {
  private final Audit audit;
  private final Ids ids;
  private final Clock clock;

  Tenants(Audit audit, Ids ids, Clock clock) {
    this.audit = audit;
    this.ids = ids;
    this.clock = clock;
  }

  /** A tenant as its members see it. */
  public record TenantView(String id, String name, String status, Instant createdAt) {}

  /** A page of the caller's tenants; of all tenants for operators and support. */
  Uni<List<TenantView>> list(Caller caller, String after, int limit) {
    PanacheQuery<StoredTenant> found =
        caller.readsAllTenants()
            ? find("id > ?1 order by id", after)
            : find(
                "id > ?1 and id in (select m.tenantId from StoredMembership m where m.userId = ?2)"
                    + " order by id",
                after,
                caller.subject());
    return found
        .range(0, limit - 1)
        .list()
        .map(rows -> rows.stream().map(StoredTenant::view).toList());
  }

  /** A tenant that the caller may see; empty otherwise. */
  Uni<Optional<TenantView>> find(Caller caller, String id) {
    if (!IdKind.TENANT.matches(id)) {
      return Uni.createFrom().item(Optional.empty());
    }
    Uni<StoredTenant> found =
        caller.readsAllTenants()
            ? findById(id)
            : find(
                    "id = ?1 and id in (select m.tenantId from StoredMembership m where m.userId ="
                        + " ?2)",
                    id,
                    caller.subject())
                .firstResult();
    return found.map(row -> Optional.ofNullable(row).map(StoredTenant::view));
  }

  /** Renames a tenant; empty when it does not exist. */
  Uni<Optional<TenantView>> rename(String actorId, String tenantId, String name, Origin origin) {
    return change(
        tenant -> tenant.name = name,
        new Action(actorId, tenantId, "tenant.renamed", tenantId, Map.of("name", name), origin));
  }

  /** Suspends or reinstates a tenant; empty when it does not exist. */
  Uni<Optional<TenantView>> setStatus(
      String actorId, String tenantId, String status, String reason, Origin origin) {
    String name = status.equals("active") ? "tenant.reinstated" : "tenant.suspended";
    return change(
        tenant -> tenant.status = status,
        new Action(actorId, tenantId, name, tenantId, Map.of("reason", reason), origin));
  }

  private Uni<Optional<TenantView>> change(Consumer<StoredTenant> change, Action action) {
    if (!IdKind.TENANT.matches(action.tenantId())) {
      return Uni.createFrom().item(Optional.empty());
    }
    return findById(action.tenantId(), LockModeType.PESSIMISTIC_WRITE)
        .flatMap(
            tenant -> {
              if (tenant == null) {
                return Uni.createFrom().item(Optional.empty());
              }
              change.accept(tenant);
              return announce(tenant)
                  .chain(() -> audit.record(action))
                  .map(done -> Optional.of(tenant.view()));
            });
  }

  private Uni<Void> announce(StoredTenant tenant) {
    TenantChanged event =
        new TenantChanged(
            ids.next(IdKind.EVENT), clock.instant(), tenant.id, tenant.name, tenant.status);
    return Panache.getSession()
        .flatMap(session -> SessionOutbox.add(session, Topic.TENANTS, Json.write(event)));
  }
}
