package io.naap.auth.serviceaccount;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A row of {@code service_accounts}. */
@Entity
@Table(name = "service_accounts")
class StoredServiceAccount extends PanacheEntityBase {
  @Id String id;

  @Column(name = "tenant_id")
  String tenantId;

  String name;
  String role;

  @Column(name = "secret_hash")
  byte[] secretHash;

  @Column(name = "created_by")
  String createdBy;

  @Column(name = "created_at")
  Instant createdAt;

  ServiceAccounts.AccountView view() {
    return new ServiceAccounts.AccountView(id, name, role, createdBy, createdAt);
  }
}
