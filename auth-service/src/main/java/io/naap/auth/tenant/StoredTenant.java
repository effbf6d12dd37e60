package io.naap.auth.tenant;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A row of {@code tenants}. {@link Memberships} inserts it with SQL. */
@Entity
@Table(name = "tenants")
class StoredTenant extends PanacheEntityBase {
  @Id String id;
  String name;
  String status;

  @Column(name = "created_at", updatable = false)
  Instant createdAt;

  Tenants.TenantView view() {
    return new Tenants.TenantView(id, name, status, createdAt);
  }
}
