package io.naap.keys.verification;

import io.naap.keys.config.KeysConfig;
import io.naap.keys.pepper.Peppers;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Records the last use of keys, and secrets that were hashed again with the current pepper. Both
 * are collected in memory and written to Postgres in batches with hand-written SQL, so a use costs
 * no write of its own. A crash loses the last few seconds, which is harmless.
 */
@ApplicationScoped
public class KeyUses {
  private static final Logger LOG = Logger.getLogger(KeyUses.class);

  /**
   * The most entries that wait in memory; above it, uses are not recorded until the next batch is
   * written.
   */
  private static final int MOST = 50_000;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Pool pool;
  private final Vertx vertx;
  private final Clock clock;
  private final KeysConfig config;
  private final int currentPepper;
  private final Map<String, Instant> lastUsed = new ConcurrentHashMap<>();
  private final Map<String, Rehash> rehashes = new ConcurrentHashMap<>();
  // Counted separately, because {@code size()} of a concurrent map is too slow for every use.
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean storing = new AtomicBoolean();

  public KeyUses(Pool pool, Vertx vertx, Clock clock, KeysConfig config, Peppers peppers) {
    this.pool = pool;
    this.vertx = vertx;
    this.clock = clock;
    this.config = config;
    this.currentPepper = peppers.current();
  }

  private record Rehash(String publicId, int from, String hash) {
    @Override
    public String toString() {
      return "Rehash[" + publicId + "]";
    }
  }

  void start(@Observes StartupEvent started) {
    vertx.setPeriodic(
        config.storeUsesEvery().toMillis(), timer -> store().subscribe().with(done -> {}));
  }

  void stop(@Observes ShutdownEvent ending) {
    store().await().atMost(PATIENCE);
  }

  /** Records that a key was used now. */
  public void used(String keyId) {
    if (waiting.get() < MOST && lastUsed.put(keyId, clock.instant()) == null) {
      waiting.incrementAndGet();
    }
  }

  /** Records the hash under the current pepper of a secret that was valid under an old one. */
  void rehash(String publicId, int from, String hash) {
    if (waiting.get() < MOST && rehashes.put(publicId, new Rehash(publicId, from, hash)) == null) {
      waiting.incrementAndGet();
    }
  }

  /**
   * Writes what waits to Postgres. Never fails; an entry that could not be written is recorded
   * again at the next use.
   */
  Uni<Void> store() {
    if (waiting.get() == 0 || !storing.compareAndSet(false, true)) {
      return Uni.createFrom().voidItem();
    }
    List<String> keys = new ArrayList<>();
    List<OffsetDateTime> times = new ArrayList<>();
    // All replicas lock rows in the same order, so that two batches cannot deadlock.
    lastUsed.keySet().stream()
        .sorted()
        .forEach(
            key -> {
              keys.add(key);
              times.add(lastUsed.remove(key).atOffset(ZoneOffset.UTC));
            });
    List<Rehash> secrets = new ArrayList<>();
    rehashes.keySet().stream().sorted().forEach(id -> secrets.add(rehashes.remove(id)));
    waiting.addAndGet(-keys.size() - secrets.size());
    return storeUses(keys, times)
        .flatMap(done -> storeHashes(secrets))
        .onFailure()
        .invoke(failure -> LOG.warnf("uses of keys were not stored: %s", failure.getMessage()))
        .onFailure()
        .recoverWithNull()
        .onTermination()
        .invoke(() -> storing.set(false));
  }

  private Uni<Void> storeUses(List<String> keys, List<OffsetDateTime> times) {
    return keys.isEmpty()
        ? Uni.createFrom().voidItem()
        : pool.preparedQuery(
                """
                update api_keys k set last_used_at = v.at
                from unnest($1::text[], $2::timestamptz[]) as v (id, at)
                where k.id = v.id and (k.last_used_at is null or k.last_used_at < v.at)""")
            .execute(Tuple.of(keys.toArray(String[]::new), times.toArray(OffsetDateTime[]::new)))
            .replaceWithVoid();
  }

  private Uni<Void> storeHashes(List<Rehash> secrets) {
    // The version in the condition skips secrets that another replica has hashed again meanwhile.
    return secrets.isEmpty()
        ? Uni.createFrom().voidItem()
        : pool.preparedQuery(
                """
                update key_secrets s set secret_hmac = decode(v.hash, 'hex'), pepper_version = $4
                from unnest($1::text[], $2::integer[], $3::text[]) as v (id, version, hash)
                where s.public_id = v.id and s.pepper_version = v.version""")
            .execute(
                Tuple.of(
                    secrets.stream().map(Rehash::publicId).toArray(String[]::new),
                    secrets.stream().map(Rehash::from).toArray(Integer[]::new),
                    secrets.stream().map(Rehash::hash).toArray(String[]::new),
                    currentPepper))
            .replaceWithVoid();
  }
}
