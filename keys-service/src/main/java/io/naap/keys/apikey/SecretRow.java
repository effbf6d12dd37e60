package io.naap.keys.apikey;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;

/** The row of a key's secret. It never leaves {@link PostgresKeyStore}. */
@Entity
@Table(name = "key_secrets")
class SecretRow extends PanacheEntityBase {
  @Id
  @Column(name = "public_id")
  String publicId;

  @Column(name = "key_id")
  String keyId;

  /** Written again beside the entity, when the pepper changes. */
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
