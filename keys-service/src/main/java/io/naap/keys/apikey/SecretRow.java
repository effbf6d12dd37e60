package io.naap.keys.apikey;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;

/** A row of {@code key_secrets}. Used only inside {@link PostgresKeyStore}. */
@Entity
@Table(name = "key_secrets")
class SecretRow extends PanacheEntityBase {
  @Id
  @Column(name = "public_id")
  String publicId;

  @Column(name = "key_id")
  String keyId;

  /**
   * After a change of the pepper, {@link io.naap.keys.verification.KeyUses} updates this with SQL,
   * not through this entity.
   */
  @Column(name = "secret_hmac", updatable = false)
  byte[] secretHmac;

  @Column(name = "pepper_version", updatable = false)
  int pepperVersion;

  @Column(name = "last_four")
  String lastFour;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "expires_at")
  Instant expiresAt;

  @Column(name = "revoked_at")
  Instant revokedAt;

  KeyView.Live view() {
    return new KeyView.Live(publicId, lastFour, createdAt, Optional.ofNullable(expiresAt));
  }
}
