package io.naap.clearinghouse.signer;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The kill switch. A stop is read in the transaction that would record a payment, so it holds from
 * the moment it is committed, on every instance.
 */
@ApplicationScoped
public class KillSwitches {
  /** Everything. */
  public static final String PLATFORM = "platform";

  static final Set<String> SCOPES = Set.of(PLATFORM, "tenant", "caller", "orchestrator");
  private static final Logger LOG = Logger.getLogger(KillSwitches.class);

  private final Ledger ledger;
  private final Clock clock;

  KillSwitches(Ledger ledger, Clock clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * One stop.
   *
   * @param scope {@code platform}, {@code tenant}, {@code caller} or {@code orchestrator}
   * @param subject whom; empty for the platform
   */
  public record Stop(
      String scope, String subject, String reason, String stoppedBy, Instant stoppedAt) {}

  /** Stops signing; a second stop of the same changes nothing. */
  public void stop(String scope, String subject, String reason, String by) {
    ledger.read(
        tx ->
            tx.change(
                """
                insert into signer_stop (scope, subject, reason, stopped_by, stopped_at)
                values ($1, $2, $3, $4, $5) on conflict do nothing""",
                scope,
                subject,
                reason,
                by,
                clock.instant().atOffset(ZoneOffset.UTC)));
    LOG.warnf("signing stopped, scope=%s subject=%s by=%s", scope, subject, by);
  }

  /** True when there was such a stop. */
  public boolean lift(String scope, String subject, String by) {
    int lifted =
        ledger.read(
            tx ->
                tx.change(
                    "delete from signer_stop where scope = $1 and subject = $2", scope, subject));
    LOG.warnf("signing allowed again, scope=%s subject=%s by=%s", scope, subject, by);
    return lifted > 0;
  }

  /** All of them; they are few. */
  public List<Stop> all() {
    return ledger.read(
        tx ->
            tx
                .query(
                    "select * from signer_stop order by stopped_at desc, scope, subject limit 1000")
                .stream()
                .map(KillSwitches::read)
                .toList());
  }

  private static Stop read(Row row) {
    return new Stop(
        row.getString("scope"),
        row.getString("subject"),
        row.getString("reason"),
        row.getString("stopped_by"),
        row.getOffsetDateTime("stopped_at").toInstant());
  }

  /** Whether nothing may be signed for a caller at all. */
  boolean hits(SignerCaller caller) {
    return hits(keys(ledger.read(tx -> send(tx).rows())), caller, "");
  }

  static Tx.Sent send(Tx tx) {
    return tx.send("select scope, subject from signer_stop");
  }

  /** Stops as one set of texts. */
  static Set<String> keys(List<Row> rows) {
    return rows.stream()
        .map(row -> row.getString("scope") + ":" + row.getString("subject"))
        .collect(Collectors.toSet());
  }

  /** Whether a payment is stopped. */
  static boolean hits(Set<String> stops, SignerCaller caller, String orchestrator) {
    return !stops.isEmpty() && keys(caller, orchestrator).stream().anyMatch(stops::contains);
  }

  /** The stops that would stop a payment. */
  static List<String> keys(SignerCaller caller, String orchestrator) {
    List<String> keys =
        new ArrayList<>(
            List.of(PLATFORM + ":", "caller:" + caller.name(), "orchestrator:" + orchestrator));
    caller.tenant().ifPresent(tenant -> keys.add("tenant:" + tenant));
    return keys;
  }
}
