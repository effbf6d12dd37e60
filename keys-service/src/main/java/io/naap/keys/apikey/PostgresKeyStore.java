package io.naap.keys.apikey;

import io.naap.contracts.events.KeyChanged;
import io.naap.contracts.events.Topic;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.naap.contracts.json.Json;
import io.naap.contracts.keys.ApiKey;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.keys.config.KeysConfig;
import io.naap.keys.limits.EffectiveLimits;
import io.naap.keys.limits.PostgresTenantLimits;
import io.naap.keys.outbox.Changes;
import io.naap.keys.pepper.Peppers;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Stores keys in Postgres. A change and its {@link KeyChanged} event commit together. Methods run
 * in the caller's transaction unless stated otherwise.
 */
@ApplicationScoped
public class PostgresKeyStore implements PanacheRepositoryBase<StoredKey, String> {
  private final Ids ids;
  private final RandomGenerator random;
  private final Clock clock;
  private final Peppers peppers;
  private final Changes changes;
  private final KeyPages pages;
  private final PostgresTenantLimits tenantLimits;
  private final KeysConfig config;

  PostgresKeyStore(
      Ids ids,
      RandomGenerator random,
      Clock clock,
      Peppers peppers,
      Changes changes,
      KeyPages pages,
      PostgresTenantLimits tenantLimits,
      KeysConfig config) {
    this.ids = ids;
    this.random = random;
    this.clock = clock;
    this.peppers = peppers;
    this.changes = changes;
    this.pages = pages;
    this.tenantLimits = tenantLimits;
    this.config = config;
  }

  /** The result of a change. */
  sealed interface Changed {
    record Done(KeyView key) implements Changed {}

    /** The caller's tenant has no such key. */
    record NoSuchKey() implements Changed {}

    /** The key has another revision than the caller's {@code If-Match}. */
    record Stale(long revision) implements Changed {}

    /** The key already has two valid secrets, which is the most. */
    record StillOverlapping() implements Changed {}
  }

  /**
   * Creates a key and returns it with the whole key, which cannot be read again. Empty when the
   * tenant has reached its limit of keys.
   */
  Uni<Optional<KeyView>> create(Caller caller, String tenantId, NewKey wanted) {
    return Panache.getSession()
        .flatMap(session -> takePlace(session, tenantId))
        .flatMap(
            taken ->
                taken
                    ? insert(caller, tenantId, wanted).map(Optional::of)
                    : Uni.createFrom().item(Optional.empty()));
  }

  /** Counts one more key of the tenant; false when it has reached its limit. */
  private Uni<Boolean> takePlace(Mutiny.Session session, String tenantId) {
    return session
        .createNativeQuery(
            """
            select least(cast(:most as bigint), (select least(operator_keys_max, own_keys_max)
              from tenant_limits where tenant_id = :tenant))
            """,
            Long.class)
        .setParameter("most", config.keysPerTenantMax())
        .setParameter("tenant", tenantId)
        .getSingleResult()
        .flatMap(
            most ->
                most < 1
                    ? Uni.createFrom().item(0)
                    : session
                        .createNativeQuery(
                            """
                            insert into tenant_keys as t (tenant_id, keys) values (:tenant, 1)
                            on conflict (tenant_id) do update set keys = t.keys + 1 where t.keys < :most
                            """)
                        .setParameter("tenant", tenantId)
                        .setParameter("most", most)
                        .executeUpdate())
        .map(rows -> rows == 1);
  }

  private Uni<KeyView> insert(Caller caller, String tenantId, NewKey wanted) {
    ApiKey key = ApiKey.generate(wanted.mode().orElse("live"), random);
    Instant now = now();
    StoredKey row = new StoredKey();
    row.id = ids.next(IdKind.KEY);
    row.tenantId = tenantId;
    row.mode = key.mode();
    row.set(new KeyFields(wanted.settings(), true));
    row.lastFour = lastFour(key);
    row.revision = 1;
    row.createdBy = caller.subject();
    row.createdAt = now;
    row.updatedAt = now;
    return persistAndFlush(row)
        .flatMap(stored -> insertSecret(stored.id, key, now))
        .map(done -> row.view(now).withKey(key.reveal()));
  }

  private Uni<SecretRow> insertSecret(String id, ApiKey key, Instant now) {
    SecretRow row = new SecretRow();
    row.publicId = key.id();
    row.keyId = id;
    row.pepperVersion = peppers.current();
    row.secretHmac = peppers.hash(row.pepperVersion, key.secret()).orElseThrow();
    row.lastFour = lastFour(key);
    row.createdAt = now;
    return row.<SecretRow>persistAndFlush();
  }

  private static String lastFour(ApiKey key) {
    return key.secret().substring(ApiKey.SECRET_LENGTH - 4);
  }

  /** A page of a tenant's keys. Opens a session of its own. */
  Uni<Page<KeyView>> list(String tenantId, KeySearch search, PageRequest page) {
    Instant now = now();
    return pages
        .find(tenantId, search, page, now)
        .flatMap(
            found ->
                Panache.withSession(() -> list("id in ?1 and deletedAt is null", found.ids()))
                    .map(rows -> page(found, rows, now)));
  }

  private static Page<KeyView> page(KeyPages.Found found, List<StoredKey> rows, Instant now) {
    Map<String, StoredKey> byId =
        rows.stream().collect(Collectors.toMap(row -> row.id, Function.identity()));
    return new Page<>(
        found.ids().stream().filter(byId::containsKey).map(id -> byId.get(id).view(now)).toList(),
        found.next().orElse(null));
  }

  Uni<Optional<KeyView>> get(Caller caller, String id) {
    return visible(caller, id)
        .flatMap(
            row ->
                row.isEmpty()
                    ? Uni.createFrom().item(Optional.empty())
                    : withSecrets(row.get()).map(Optional::of));
  }

  /** The limits that apply to a key; empty when the caller may not see the key. */
  Uni<Optional<EffectiveLimits>> effective(Caller caller, String id) {
    return visible(caller, id)
        .flatMap(
            row ->
                row.isEmpty()
                    ? Uni.createFrom().item(Optional.empty())
                    : tenantLimits
                        .of(row.get().tenantId)
                        .map(
                            tenant ->
                                Optional.of(
                                    EffectiveLimits.of(
                                        row.get().id,
                                        row.get().settings().limits(),
                                        tenant.effective().limits()))));
  }

  /** Changes a key. When {@code seen} is given, the key must still have that revision. */
  Uni<Changed> change(String tenantId, String id, Optional<Long> seen, KeyPatch patch) {
    return locked(tenantId, id)
        .flatMap(
            found -> {
              if (found.isEmpty()) {
                return Uni.createFrom().item(new Changed.NoSuchKey());
              }
              StoredKey row = found.get();
              if (seen.isPresent() && seen.get() != row.revision) {
                return Uni.createFrom().item(new Changed.Stale(row.revision));
              }
              return patch
                  .of(row.fields())
                  .flatMap(fields -> changed(row, changing -> changing.set(fields)))
                  .map(done -> new Changed.Done(row.view(now())));
            });
  }

  /**
   * Creates a new secret for a key, returned in the response; the old secret stays valid for {@code
   * overlapSeconds}. Id, limits and counters of the key stay the same.
   */
  Uni<Changed> rotate(String tenantId, String id, long overlapSeconds) {
    Instant now = now();
    return locked(tenantId, id)
        .flatMap(
            found ->
                found.isEmpty()
                    ? Uni.createFrom().item(new Changed.NoSuchKey())
                    : rotate(found.get(), overlapSeconds, now));
  }

  private Uni<Changed> rotate(StoredKey row, long overlapSeconds, Instant now) {
    return live(row.id, now)
        .flatMap(
            live -> {
              if (overlapSeconds > 0 && live.size() > 1) {
                return Uni.createFrom().item(new Changed.StillOverlapping());
              }
              ApiKey key = ApiKey.generate(row.mode, random);
              Instant end = now.plusSeconds(overlapSeconds);
              live.forEach(old -> old.expiresAt = earlier(old.expiresAt, end));
              return insertSecret(row.id, key, now)
                  .flatMap(made -> changed(row, changing -> changing.lastFour = lastFour(key)))
                  .flatMap(this::withSecrets)
                  .map(view -> new Changed.Done(view.withKey(key.reveal())));
            });
  }

  private static Instant earlier(Instant set, Instant end) {
    return set == null || set.isAfter(end) ? end : set;
  }

  private Uni<KeyView> withSecrets(StoredKey row) {
    Instant now = now();
    return live(row.id, now)
        .map(live -> row.view(now).withSecrets(live.stream().map(SecretRow::view).toList()));
  }

  /** The valid secrets of a key, newest first; at most two. */
  private static Uni<List<SecretRow>> live(String id, Instant now) {
    return SecretRow.<SecretRow>find(
            "keyId = ?1 and revokedAt is null and (expiresAt is null or expiresAt > ?2)"
                + " order by createdAt desc",
            id,
            now)
        .list();
  }

  /** Deletes a key permanently; false when the caller's tenant has no such key. */
  Uni<Boolean> remove(String tenantId, String id) {
    return locked(tenantId, id)
        .flatMap(
            found ->
                found.isEmpty()
                    ? Uni.createFrom().item(false)
                    : remove(found.get(), null).replaceWith(true));
  }

  /** Deletes all keys of a tenant that somebody created and returns their number. */
  Uni<Integer> removeAll(String tenantId, String createdBy) {
    return find(
            "tenantId = ?1 and createdBy = ?2 and deletedAt is null order by id",
            tenantId,
            createdBy)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .list()
        .flatMap(
            rows ->
                Multi.createFrom()
                    .iterable(rows)
                    .onItem()
                    .transformToUniAndConcatenate(row -> remove(row, "its maker left the tenant"))
                    .collect()
                    .asList()
                    .map(List::size));
  }

  /**
   * Deletes a leaked key of any tenant.
   *
   * @param reason stored with the deleted row
   * @return false when the key does not exist or is already deleted
   */
  public Uni<Boolean> revoke(String id, String reason) {
    return findById(id, LockModeType.PESSIMISTIC_WRITE)
        .flatMap(
            row ->
                row == null || row.deletedAt != null
                    ? Uni.createFrom().item(false)
                    : remove(row, reason).replaceWith(true));
  }

  private Uni<StoredKey> remove(StoredKey row, String reason) {
    Instant now = now();
    return changed(
            row,
            changing -> {
              changing.enabled = false;
              changing.deletedAt = now;
              changing.revokedReason = reason;
            })
        .call(
            () ->
                SecretRow.update(
                    "revokedAt = ?1 where keyId = ?2 and revokedAt is null", now, row.id))
        .call(() -> givePlaceBack(row.tenantId));
  }

  private static Uni<Integer> givePlaceBack(String tenantId) {
    return Panache.getSession()
        .flatMap(
            session ->
                session
                    .createNativeQuery(
                        "update tenant_keys set keys = keys - 1 where tenant_id = :tenant")
                    .setParameter("tenant", tenantId)
                    .executeUpdate());
  }

  private Uni<Optional<StoredKey>> visible(Caller caller, String id) {
    if (!StoredKey.isId(id)) {
      return Uni.createFrom().item(Optional.empty());
    }
    return findById(id)
        .map(
            row ->
                Optional.ofNullable(row)
                    .filter(found -> found.deletedAt == null && caller.mayRead(found.tenantId)));
  }

  private Uni<Optional<StoredKey>> locked(String tenantId, String id) {
    if (!StoredKey.isId(id)) {
      return Uni.createFrom().item(Optional.empty());
    }
    return findById(id, LockModeType.PESSIMISTIC_WRITE)
        .map(
            row ->
                Optional.ofNullable(row)
                    .filter(found -> found.deletedAt == null && found.tenantId.equals(tenantId)));
  }

  private Uni<StoredKey> changed(StoredKey row, Consumer<StoredKey> change) {
    change.accept(row);
    row.revision++;
    row.updatedAt = now();
    KeyChanged event =
        new KeyChanged(
            ids.next(IdKind.EVENT), row.updatedAt, Optional.of(row.id), row.tenantId, row.revision);
    return changes.announce(Topic.KEYS, Json.write(event)).replaceWith(row);
  }

  /** Postgres stores microseconds; truncating here makes responses equal to what is stored. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
