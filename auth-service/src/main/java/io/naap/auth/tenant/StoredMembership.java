package io.naap.auth.tenant;

import io.naap.contracts.identity.Role;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;

/** A row of {@code memberships}: a user's role in a tenant. */
@Entity
@Table(name = "memberships")
@IdClass(StoredMembership.Key.class)
class StoredMembership extends PanacheEntityBase {
  @Id
  @Column(name = "tenant_id")
  String tenantId;

  @Id
  @Column(name = "user_id")
  String userId;

  String role;

  @Column(name = "created_at", updatable = false)
  Instant createdAt;

  /** The primary key. */
  static class Key {
    String tenantId;
    String userId;

    Key() {}

    Key(String tenantId, String userId) {
      this.tenantId = tenantId;
      this.userId = userId;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && key.tenantId.equals(tenantId) && key.userId.equals(userId);
    }

    @Override
    public int hashCode() {
      return Objects.hash(tenantId, userId);
    }
  }

  Role role() {
    return Role.find(role).orElseThrow();
  }
}
