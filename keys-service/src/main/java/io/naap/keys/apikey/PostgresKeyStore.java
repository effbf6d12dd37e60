package io.naap.keys.apikey;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.Topics;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.keys.KeyProfile;
import io.naap.keys.outbox.Outbox;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Keys in Postgres. Every change and its {@link KeyChanged} commit together. The methods run in the
 * caller's transaction unless they say otherwise.
 */
@ApplicationScoped
public class PostgresKeyStore implements PanacheRepositoryBase<StoredKey, String> {
  private final Ids ids;
  private final RandomGenerator random;
  private final Clock clock;
  private final Peppers peppers;
  private final Outbox outbox;
  private final KeysConfig config;

  PostgresKeyStore(
      Ids ids,
      RandomGenerator random,
      Clock clock,
      Peppers peppers,
      Outbox outbox,
      KeysConfig config) {
    this.ids = ids;
    this.random = random;
    this.clock = clock;
    this.peppers = peppers;
    this.outbox = outbox;
    this.config = config;
  }

  /** A key that was made, with the whole key in it: the only time it can be seen. */
  Uni<Optional<KeyView>> create(Caller caller, String tenantId, NewKey wanted) {
    return count("tenantId", tenantId)
        .flatMap(
            keys ->
                keys >= config.keysPerTenantMax()
                    ? Uni.createFrom().item(Optional.empty())
                    : insert(caller, tenantId, wanted).map(Optional::of));
  }

  private Uni<KeyView> insert(Caller caller, String tenantId, NewKey wanted) {
    ApiKey key = ApiKey.generate(wanted.mode().orElse("live"), random);
    Instant now = now();
    StoredKey row = new StoredKey();
    row.id = ids.next(IdKind.KEY);
    row.keyId = key.id();
    row.tenantId = tenantId;
    row.name = wanted.name();
    row.mode = key.mode();
    row.tags = Json.write(wanted.tags());
    row.tier = wanted.tier().orElse(null);
    row.capabilities = Json.write(wanted.scopes().capabilities());
    row.models = Json.write(wanted.scopes().models());
    row.allowedCidrs = Json.write(wanted.allowedCidrs());
    row.expiresAt = wanted.expiresAt().orElse(null);
    row.limits = Json.write(wanted.limits());
    row.enabled = true;
    row.pepperVersion = peppers.current();
    row.secretHmac = peppers.hash(row.pepperVersion, key.secret()).orElseThrow();
    row.lastFour = key.secret().substring(ApiKey.SECRET_LENGTH - 4);
    row.revision = 1;
    row.createdBy = caller.subject();
    row.createdAt = now;
    row.updatedAt = now;
    return persist(row).map(stored -> stored.view(now).withKey(key.reveal()));
  }

  /**
   * A page, newest first, of keys older than the cursor; one more than the limit when there are.
   */
  Uni<List<KeyView>> list(String tenantId, Optional<String> before, int atMost) {
    Instant now = now();
    return (before.isPresent()
            ? find("tenantId = ?1 and id < ?2 order by id desc", tenantId, before.get())
            : find("tenantId = ?1 order by id desc", tenantId))
        .range(0, atMost - 1)
        .list()
        .map(rows -> rows.stream().map(row -> row.view(now)).toList());
  }

  Uni<Optional<KeyView>> get(Caller caller, String id) {
    return visible(caller, id).map(row -> row.map(found -> found.view(now())));
  }

  /** Changes a key; empty when the caller's tenant has no such key. */
  Uni<Optional<KeyView>> change(String tenantId, String id, KeyChange change) {
    return locked(tenantId, id)
        .flatMap(
            found ->
                found.isEmpty()
                    ? Uni.createFrom().item(Optional.empty())
                    : changed(found.get(), row -> apply(row, change))
                        .map(row -> Optional.of(row.view(now()))));
  }

  /** Deletes a key for good; false when the caller's tenant has no such key. */
  Uni<Boolean> remove(String tenantId, String id) {
    return locked(tenantId, id)
        .flatMap(
            found ->
                found.isEmpty()
                    ? Uni.createFrom().item(false)
                    : changed(found.get(), row -> row.enabled = false)
                        .flatMap(this::delete)
                        .replaceWith(true));
  }

  /**
   * The profile behind a key, in a transaction of its own. The secret is hashed and compared also
   * when there is no such key, so that the answer takes the same time.
   */
  public Uni<Optional<KeyProfile>> resolve(ApiKey key) {
    return Panache.withSession(() -> find("keyId", key.id()).firstResult())
        .map(
            row -> {
              int version = row == null ? peppers.current() : row.pepperVersion;
              byte[] expected = row == null ? new byte[32] : row.secretHmac;
              boolean matches =
                  peppers
                      .hash(version, key.secret())
                      .map(hash -> java.security.MessageDigest.isEqual(hash, expected))
                      .orElse(false);
              return row != null && matches && row.mode.equals(key.mode()) && isUsable(row)
                  ? Optional.of(row.profile(config.profileTtlSeconds()))
                  : Optional.empty();
            });
  }

  private boolean isUsable(StoredKey row) {
    return row.enabled && (row.expiresAt == null || row.expiresAt.isAfter(now()));
  }

  private Uni<Optional<StoredKey>> visible(Caller caller, String id) {
    if (!StoredKey.isId(id)) {
      return Uni.createFrom().item(Optional.empty());
    }
    return findById(id)
        .map(row -> Optional.ofNullable(row).filter(found -> caller.mayRead(found.tenantId)));
  }

  private Uni<Optional<StoredKey>> locked(String tenantId, String id) {
    if (!StoredKey.isId(id)) {
      return Uni.createFrom().item(Optional.empty());
    }
    return findById(id, LockModeType.PESSIMISTIC_WRITE)
        .map(row -> Optional.ofNullable(row).filter(found -> found.tenantId.equals(tenantId)));
  }

  private Uni<StoredKey> changed(StoredKey row, Consumer<StoredKey> change) {
    change.accept(row);
    row.revision++;
    row.updatedAt = now();
    KeyChanged event =
        new KeyChanged(ids.next(IdKind.EVENT), row.updatedAt, row.id, row.tenantId, row.revision);
    return outbox.add(Topics.KEYS, event.eventId(), Json.write(event)).replaceWith(row);
  }

  private static void apply(StoredKey row, KeyChange change) {
    if (change.name() != null) {
      row.name = change.name();
    }
    if (change.tags() != null) {
      row.tags = Json.write(change.tags());
    }
    if (change.scopes() != null) {
      row.capabilities = Json.write(change.scopes().capabilities());
      row.models = Json.write(change.scopes().models());
    }
    if (change.allowedCidrs() != null) {
      row.allowedCidrs = Json.write(change.allowedCidrs());
    }
    if (change.expiresAt() != null) {
      row.expiresAt = change.expiresAt();
    }
    if (change.limits() != null) {
      row.limits = Json.write(change.limits());
    }
    if (change.enabled() != null) {
      row.enabled = change.enabled();
    }
  }

  /** Postgres keeps microseconds; what is shown must be what is stored. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
