package io.naap.auth.tenant;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A row of {@code wallets}. {@link Memberships} inserts it with SQL. */
@Entity
@Immutable
@Table(name = "wallets")
class StoredWallet extends PanacheEntityBase {
  @Id String address;

  @Column(name = "user_id")
  String userId;

  @Column(name = "created_at")
  Instant createdAt;
}
