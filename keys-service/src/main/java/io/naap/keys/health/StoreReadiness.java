package io.naap.keys.health;

import io.naap.keys.pepper.Peppers;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Ready when keys can be read from Postgres. Reports how many secrets need an old pepper, and how
 * many need one that is not configured any more.
 */
@Readiness
@ApplicationScoped
public class StoreReadiness implements AsyncHealthCheck {
  private static final Logger LOG = Logger.getLogger(StoreReadiness.class);
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final String NAME = "keys can be read";

  private final Pool pool;
  private final Peppers peppers;

  StoreReadiness(Pool pool, Peppers peppers) {
    this.pool = pool;
    this.peppers = peppers;
  }

  private record Needing(long old, long gone) {}

  void warn(@Observes StartupEvent started) {
    needing()
        .subscribe()
        .with(
            needing -> {
              if (needing.gone > 0) {
                LOG.errorf(
                    "keys cannot be used because their pepper is not in naap.keys.old-peppers,"
                        + " count=%d",
                    needing.gone);
              }
              if (needing.old > 0) {
                LOG.infof("keys still need an old pepper, count=%d", needing.old);
              }
            },
            failure -> LOG.warnf("peppers could not be counted: %s", failure.getMessage()));
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return needing()
        .ifNoItem()
        .after(LIMIT)
        .fail()
        .map(
            needing ->
                HealthCheckResponse.named(NAME)
                    .up()
                    .withData("keys_under_old_peppers", needing.old)
                    .withData("keys_without_pepper", needing.gone)
                    .build())
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down(NAME));
  }

  /**
   * Counts secrets below and above the current pepper version, so the many secrets under the
   * current one are not read. The limit bounds the cost right after the pepper was changed.
   */
  private Uni<Needing> needing() {
    return pool.preparedQuery(
            """
            select count(*) filter (where pepper_version = any($2)) as old,
              count(*) filter (where pepper_version <> all($2)) as gone
            from ((select pepper_version from key_secrets
                where pepper_version < $1 and revoked_at is null limit 100000)
              union all
              (select pepper_version from key_secrets
                where pepper_version > $1 and revoked_at is null limit 100000)) s""")
        .execute(Tuple.of(peppers.current(), peppers.versions().toArray(Integer[]::new)))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Needing(row.getLong("old"), row.getLong("gone"));
            });
  }
}
