package io.naap.keys.apikey;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.KeyProfile;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The row of a key. It never leaves {@link PostgresKeyStore}. */
@Entity
@Table(name = "api_keys")
class StoredKey extends PanacheEntityBase {
  @Id String id;

  @Column(name = "key_id")
  String keyId;

  @Column(name = "tenant_id")
  String tenantId;

  String name;
  String mode;
  String tags;
  String tier;
  String capabilities;
  String models;

  @Column(name = "allowed_cidrs")
  String allowedCidrs;

  @Column(name = "expires_at")
  Instant expiresAt;

  String limits;
  boolean enabled;

  @Column(name = "secret_hmac")
  byte[] secretHmac;

  @Column(name = "pepper_version")
  int pepperVersion;

  @Column(name = "last_four")
  String lastFour;

  long revision;

  @Column(name = "created_by")
  String createdBy;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "updated_at")
  Instant updatedAt;

  KeyView view(Instant now) {
    String status =
        !enabled ? "disabled" : expiresAt != null && !expiresAt.isAfter(now) ? "expired" : "active";
    return new KeyView(
        id,
        null,
        name,
        mode,
        lastFour,
        status,
        texts(tags),
        Optional.ofNullable(tier),
        new Scopes(texts(capabilities), texts(models)),
        texts(allowedCidrs),
        Optional.ofNullable(expiresAt),
        Json.read(limits, KeyLimits.class),
        revision,
        createdAt);
  }

  KeyProfile profile(int ttlSeconds) {
    return new KeyProfile(
        id,
        tenantId,
        name,
        texts(tags),
        Optional.ofNullable(tier),
        texts(capabilities),
        texts(models),
        texts(allowedCidrs),
        Optional.ofNullable(expiresAt),
        Json.read(limits, KeyLimits.class),
        revision,
        ttlSeconds);
  }

  private static List<String> texts(String json) {
    return List.of(Json.read(json, String[].class));
  }

  static boolean isId(String id) {
    return IdKind.KEY.matches(id);
  }
}
