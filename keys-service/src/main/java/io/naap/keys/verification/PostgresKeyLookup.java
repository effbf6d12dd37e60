package io.naap.keys.verification;

import io.naap.contracts.json.Json;
import io.naap.contracts.keys.KeyLimits;
import io.naap.contracts.keys.KeyProfile;
import io.naap.keys.config.KeysConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * Reads secrets from Postgres. The SQL is written by hand, because it runs for every key that a
 * router has not cached.
 */
@ApplicationScoped
class PostgresKeyLookup implements KeyLookup, KnownKeys {
  private static final String SECRETS =
      """
      select s.public_id, encode(s.secret_hmac, 'hex') as hash, s.pepper_version,
        s.expires_at as secret_expires_at, s.revoked_at, k.id, k.tenant_id, k.name, k.mode, k.tags,
        k.tier, k.capabilities, k.models, k.allowed_cidrs, k.allowed_origins, k.expires_at, k.limits,
        k.enabled, k.deleted_at, k.revision, t.operator_limits, t.own_limits
      from key_secrets s join api_keys k on k.id = s.key_id
        left join tenant_limits t on t.tenant_id = k.tenant_id
      """;
  private static final String FIND = SECRETS + "where s.public_id = $1";

  /** Selects the secret of a key that stays valid longest. */
  private static final String OF_KEY =
      SECRETS
          + "where k.id = $1 order by s.revoked_at is null desc, s.expires_at desc nulls first"
          + " limit 1";

  private final Pool pool;
  private final Clock clock;
  private final KeysConfig config;

  PostgresKeyLookup(Pool pool, Clock clock, KeysConfig config) {
    this.pool = pool;
    this.clock = clock;
    this.config = config;
  }

  @Override
  public Uni<Optional<StoredSecret>> find(String publicId) {
    return one(FIND, publicId);
  }

  @Override
  public Uni<Optional<StoredSecret>> ofKey(String keyId) {
    return one(OF_KEY, keyId);
  }

  private Uni<Optional<StoredSecret>> one(String query, String name) {
    return pool.preparedQuery(query)
        .execute(Tuple.of(name))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(secret(rows.iterator().next(), clock.instant())));
  }

  private StoredSecret secret(Row row, Instant now) {
    KeyProfile profile =
        new KeyProfile(
            row.getString("id"),
            row.getString("tenant_id"),
            row.getString("name"),
            List.of(row.getArrayOfStrings("tags")),
            new KeyProfile.Scope(
                Optional.ofNullable(row.getString("tier")),
                texts(row.getString("capabilities")),
                texts(row.getString("models")),
                texts(row.getString("allowed_cidrs")),
                texts(row.getString("allowed_origins"))),
            new KeyProfile.Expiry(
                instant(row.getOffsetDateTime("expires_at")),
                instant(row.getOffsetDateTime("secret_expires_at"))),
            new KeyProfile.Limits(
                limits(row.getString("limits")),
                limits(row.getString("operator_limits"))
                    .tightest(limits(row.getString("own_limits")))),
            new KeyProfile.Freshness(row.getLong("revision"), config.profileTtlSeconds()));
    return new StoredSecret(
        row.getString("public_id"),
        row.getString("hash"),
        row.getInteger("pepper_version"),
        row.getString("mode"),
        row.getOffsetDateTime("revoked_at") == null
            && profile.secretExpiresAt().map(now::isBefore).orElse(true),
        row.getBoolean("enabled")
            && row.getOffsetDateTime("deleted_at") == null
            && profile.expiresAt().map(now::isBefore).orElse(true),
        profile);
  }

  private static KeyLimits limits(String json) {
    return json == null || json.equals("{}") ? KeyLimits.NONE : Json.read(json, KeyLimits.class);
  }

  private static List<String> texts(String json) {
    return json.equals("[]") ? List.of() : List.of(Json.read(json, String[].class));
  }

  private static Optional<Instant> instant(OffsetDateTime time) {
    return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
  }
}
