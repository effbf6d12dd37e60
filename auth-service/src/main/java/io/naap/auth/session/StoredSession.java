package io.naap.auth.session;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.hibernate.annotations.Immutable;

/** A row of {@code sessions}, for the list of a user's sessions; {@link Sessions} writes it. */
@Entity
@Immutable
@Table(name = "sessions")
class StoredSession extends PanacheEntityBase {
  @Id String id;

  @Column(name = "user_id")
  String userId;

  @Column(name = "tenant_id")
  String tenantId;

  String wallet;
  String kind;
  String address;
  String agent;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "last_used_at")
  Instant lastUsedAt;

  @Column(name = "expires_at")
  Instant expiresAt;

  @Column(name = "revoked_at")
  Instant revokedAt;

  SessionView view(Optional<String> current) {
    return new SessionView(
        id,
        kind,
        tenantId,
        wallet,
        new SessionView.Client(address, agent),
        new SessionView.Times(createdAt, lastUsedAt == null ? createdAt : lastUsedAt, expiresAt),
        current.filter(id::equals).isPresent());
  }
}
