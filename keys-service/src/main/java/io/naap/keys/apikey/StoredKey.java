package io.naap.keys.apikey;

import io.naap.contracts.ids.IdKind;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A row of {@code api_keys}. Used only inside {@link PostgresKeyStore}. */
@Entity
@Table(name = "api_keys")
class StoredKey extends PanacheEntityBase {
  @Id String id;

  @Column(name = "tenant_id")
  String tenantId;

  String name;
  String mode;
  String[] tags;
  String tier;
  String capabilities;
  String models;

  @Column(name = "allowed_cidrs")
  String allowedCidrs;

  @Column(name = "allowed_origins")
  String allowedOrigins;

  @Column(name = "expires_at")
  Instant expiresAt;

  String limits;
  boolean enabled;

  @Column(name = "last_four")
  String lastFour;

  long revision;

  @Column(name = "created_by")
  String createdBy;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "updated_at")
  Instant updatedAt;

  /**
   * {@link io.naap.keys.verification.KeyUses} writes this in batches with SQL, never through this
   * entity.
   */
  @Column(name = "last_used_at", insertable = false, updatable = false)
  Instant lastUsedAt;

  @Column(name = "deleted_at")
  Instant deletedAt;

  /** Why the key was deleted; null when its tenant deleted this key itself. */
  @Column(name = "revoked_reason")
  String revokedReason;

  KeySettings settings() {
    return new KeySettings(
        name,
        List.of(tags),
        Optional.ofNullable(tier),
        new Scopes(texts(capabilities), texts(models)),
        new Clients(texts(allowedCidrs), texts(allowedOrigins)),
        Optional.ofNullable(expiresAt),
        Json.read(limits, KeyLimits.class));
  }

  KeyFields fields() {
    return new KeyFields(settings(), enabled);
  }

  void set(KeyFields fields) {
    KeySettings settings = fields.settings();
    name = settings.name();
    tags = settings.tags().toArray(String[]::new);
    tier = settings.tier().orElse(null);
    capabilities = Json.write(settings.scopes().capabilities());
    models = Json.write(settings.scopes().models());
    allowedCidrs = Json.write(settings.clients().allowedCidrs());
    allowedOrigins = Json.write(settings.clients().allowedOrigins());
    expiresAt = settings.expiresAt().orElse(null);
    limits = Json.write(settings.limits());
    enabled = fields.enabled();
  }

  KeyView view(Instant now) {
    String status =
        !enabled ? "disabled" : expiresAt != null && !expiresAt.isAfter(now) ? "expired" : "active";
    return new KeyView(
        id,
        null,
        mode,
        lastFour,
        status,
        settings(),
        new KeyView.History(revision, createdAt, createdBy, Optional.ofNullable(lastUsedAt)),
        null);
  }

  private static List<String> texts(String json) {
    return List.of(Json.read(json, String[].class));
  }

  static boolean isId(String id) {
    return IdKind.KEY.matches(id);
  }
}
