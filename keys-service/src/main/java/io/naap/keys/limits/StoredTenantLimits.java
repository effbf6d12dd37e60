package io.naap.keys.limits;

import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.hibernate.annotations.Formula;

/** A row of {@code tenant_limits}. Used only inside {@link PostgresTenantLimits}. */
@Entity
@Table(name = "tenant_limits")
class StoredTenantLimits extends PanacheEntityBase {
  @Id
  @Column(name = "tenant_id")
  String tenantId;

  @Column(name = "operator_limits")
  String operatorLimits;

  @Column(name = "operator_keys_max")
  Long operatorKeysMax;

  @Column(name = "own_limits")
  String ownLimits;

  @Column(name = "own_keys_max")
  Long ownKeysMax;

  long revision;

  @Column(name = "updated_at")
  Instant updatedAt;

  /** The number of the tenant's keys; null before the first. */
  @Formula("(select t.keys from tenant_keys t where t.tenant_id = tenant_id)")
  Long keys;

  Ceiling operator() {
    return ceiling(operatorLimits, operatorKeysMax);
  }

  Ceiling own() {
    return ceiling(ownLimits, ownKeysMax);
  }

  private static Ceiling ceiling(String limits, Long keysMax) {
    return new Ceiling(Json.read(limits, KeyLimits.class), Optional.ofNullable(keysMax));
  }

  void set(Ceiling operator, Ceiling own) {
    operatorLimits = Json.write(operator.limits());
    operatorKeysMax = operator.keysMax().orElse(null);
    ownLimits = Json.write(own.limits());
    ownKeysMax = own.keysMax().orElse(null);
  }

  TenantLimits view() {
    return TenantLimits.of(tenantId, operator(), own(), Optional.ofNullable(keys), revision);
  }
}
