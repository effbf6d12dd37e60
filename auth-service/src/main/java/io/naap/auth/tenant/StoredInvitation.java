package io.naap.auth.tenant;

import io.naap.contracts.identity.Role;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;

/** A row of {@code invitations}. */
@Entity
@Table(name = "invitations")
class StoredInvitation extends PanacheEntityBase {
  @Id String id;

  @Column(name = "tenant_id", updatable = false)
  String tenantId;

  /** Read together with the invitation in lists, for the tenant's name. */
  @ManyToOne(fetch = FetchType.LAZY)
  @JoinColumn(name = "tenant_id", insertable = false, updatable = false)
  StoredTenant tenant;

  @Column(updatable = false)
  String wallet;

  @Column(updatable = false)
  String role;

  @Column(name = "invited_by", updatable = false)
  String invitedBy;

  @Column(name = "created_at", updatable = false)
  Instant createdAt;

  @Column(name = "expires_at", updatable = false)
  Instant expiresAt;

  /** {@code accepted}, {@code declined} or {@code withdrawn}; null while it is open. */
  String outcome;

  Role role() {
    return Role.find(role).orElseThrow();
  }

  Invitations.InvitationView view() {
    return new Invitations.InvitationView(
        id, tenantId, tenant.name, wallet, role, invitedBy, createdAt, expiresAt);
  }
}
