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
 * What uses of keys leave behind: when a key was last used, and its secret's hash under the current
 * pepper. Both wait in memory and are stored in batches, by hand-written SQL, so that a use costs
 * no write; a crash loses a few seconds of them and nothing that matters.
 */
@ApplicationScoped
public class KeyUses {
  private static final Logger LOG = Logger.getLogger(KeyUses.class);

  /** What waits is bounded; beyond it uses are not noted until the next batch is stored. */
  private static final int MOST = 50_000;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Pool pool;
  private final Vertx vertx;
  private final Clock clock;
  private final KeysConfig config;
  private final int currentPepper;
  private final Map<String, Instant> lastUsed = new ConcurrentHashMap<>();
  private final Map<String, Rehash> rehashes = new ConcurrentHashMap<>();
  // A concurrent map counts itself too slowly to ask at every use.
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

  /** A key was used now. */
  public void used(String keyId) {
    if (waiting.get() < MOST && lastUsed.put(keyId, clock.instant()) == null) {
      waiting.incrementAndGet();
    }
  }

  /** A secret was good under an old pepper and can be stored under the current one. */
  void rehash(String publicId, int from, String hash) {
    if (waiting.get() < MOST && rehashes.put(publicId, new Rehash(publicId, from, hash)) == null) {
      waiting.incrementAndGet();
    }
  }

  /** Stores what waits. Never fails: what cannot be stored is noted again at the next use. */
  Uni<Void> store() {
    if (waiting.get() == 0 || !storing.compareAndSet(false, true)) {
      return Uni.createFrom().voidItem();
    }
    List<String> keys = new ArrayList<>();
    List<OffsetDateTime> times = new ArrayList<>();
    // One order for all replicas, so that two batches never wait for each other.
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
    // A secret that another replica has stored meanwhile is not under the old version any more.
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
