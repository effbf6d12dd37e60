package io.naap.clearinghouse.signer.killswitch;

import io.naap.clearinghouse.ledger.Ledger;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.contracts.page.Cursor;
import io.naap.contracts.page.PageRequest;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The kill switches in Postgres. A switch is read in the transaction that would record a payment,
 * so it holds on every instance as soon as it is committed.
 */
@ApplicationScoped
public class KillSwitches {
  /** The scope of the switch that stops everything. */
  static final String PLATFORM = "platform";

  static final String ORCHESTRATOR = "orchestrator";
  static final Set<String> SCOPES = Set.of(PLATFORM, "tenant", "caller", ORCHESTRATOR);

  private static final Logger LOG = Logger.getLogger(KillSwitches.class);

  private final Ledger ledger;
  private final Clock clock;

  KillSwitches(Ledger ledger, Clock clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * One switch that is on.
   *
   * @param scope {@code platform}, {@code tenant}, {@code caller} or {@code orchestrator}
   * @param subject of the scope; empty for the platform
   */
  public record Stop(
      String scope, String subject, String reason, String stoppedBy, Instant stoppedAt) {
    Cursor position() {
      return Cursor.of(stoppedAt, scope, subject);
    }
  }

  /** Stops signing; stopping the same subject again changes nothing. */
  void stop(StopRequest request, String by) {
    ledger.read(
        tx ->
            tx.change(
                """
                insert into signer_stop (scope, subject, reason, stopped_by, stopped_at)
                values ($1, $2, $3, $4, $5) on conflict do nothing""",
                request.scope(),
                request.subject(),
                request.reason(),
                by,
                clock.instant().atOffset(ZoneOffset.UTC)));
    LOG.warnf(
        "signing is stopped, scope=%s subject=%s by=%s", request.scope(), request.subject(), by);
  }

  /** True when there was such a switch. */
  boolean lift(String scope, String subject, String by) {
    int lifted =
        ledger.read(
            tx ->
                tx.change(
                    "delete from signer_stop where scope = $1 and subject = $2", scope, subject));
    LOG.warnf("signing is allowed again, scope=%s subject=%s by=%s", scope, subject, by);
    return lifted > 0;
  }

  /** The switches of a page and one more, the newest first. */
  List<Stop> list(PageRequest page) {
    OffsetDateTime after =
        page.after().map(cursor -> cursor.time(0).atOffset(ZoneOffset.UTC)).orElse(null);
    return ledger.read(
        tx ->
            tx
                .query(
                    """
                    select * from signer_stop
                    where $1::timestamptz is null or stopped_at < $1
                      or (stopped_at = $1 and (scope, subject) > ($2::text, $3::text))
                    order by stopped_at desc, scope, subject limit $4""",
                    after,
                    page.after().map(cursor -> cursor.text(1)).orElse(null),
                    page.after().map(cursor -> cursor.text(2)).orElse(null),
                    (long) page.oneMore())
                .stream()
                .map(KillSwitches::stop)
                .toList());
  }

  private static Stop stop(Row row) {
    return new Stop(
        row.getString("scope"),
        row.getString("subject"),
        row.getString("reason"),
        row.getString("stopped_by"),
        row.getOffsetDateTime("stopped_at").toInstant());
  }

  /** True when nothing at all may be signed for a caller. */
  public boolean stop(SignerCaller caller) {
    return read(ledger.read(tx -> send(tx).rows())).stop(caller, "");
  }

  /** Asks for the switches, without waiting for the answer. */
  public static Tx.Sent send(Tx tx) {
    return tx.send("select scope, subject from signer_stop");
  }

  /** Reads the rows that {@link #send} asked for. */
  public static ActiveStops read(List<Row> rows) {
    return new ActiveStops(
        rows.stream()
            .map(row -> row.getString("scope") + ":" + row.getString("subject"))
            .collect(Collectors.toSet()));
  }
}
