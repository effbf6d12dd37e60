package io.naap.clearinghouse.confirmation;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Keeps the events of signers, and the list of what does not agree with what was authorised. */
@ApplicationScoped
public class Confirmations {
  private static final Logger LOG = Logger.getLogger(Confirmations.class);
  private static final int BATCH = 500;

  private final Transactions transactions;
  private final ConfirmationConfig config;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;

  Confirmations(
      Transactions transactions,
      ConfirmationConfig config,
      ClearinghouseMetrics metrics,
      Clock clock) {
    this.transactions = transactions;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * One disagreement, as operators see it.
   *
   * @param kind unconfirmed, unauthorized, signed_again, other_parties, fee_differs, tickets_differ
   * @param subject the session and its payment's number, or the manifest
   * @param resolvedAt absent while it stands
   */
  public record Gap(
      String kind,
      String subject,
      String caller,
      String detail,
      Instant foundAt,
      Instant resolvedAt) {}

  /** Remembers since when the topic is read. */
  void begin() {
    transactions.run(
        tx ->
            tx.change(
                "insert into signer_event_topic values ($1, $2) on conflict do nothing",
                config.topic(),
                now()));
  }

  /** Keeps events, each once however often it is read. */
  void take(List<String> records) {
    int[] counts = new int[4];
    transactions.run(
        tx -> {
          // Run again after a failure: only the run that commits counts.
          Arrays.fill(counts, 0);
          OffsetDateTime began = began(tx);
          for (String json : records) {
            counts[keep(tx, SignerEvent.read(json), began)]++;
          }
          return null;
        });
    metrics.signerEvents("kept", counts[KEPT]);
    metrics.signerEvents("repeated", counts[REPEATED]);
    metrics.signerEvents("unreadable", counts[UNREADABLE]);
    metrics.signerEvents("other", counts[OTHER]);
  }

  private static final int KEPT = 0;
  private static final int REPEATED = 1;
  private static final int UNREADABLE = 2;
  private static final int OTHER = 3;

  private int keep(Tx tx, SignerEvent event, OffsetDateTime began) {
    return switch (event) {
      case SignerEvent.Signed signed ->
          signed.at().isBefore(began.toInstant())
              ? OTHER
              : inserted(
                  tx,
                  signed.id(),
                  "create_signed_ticket",
                  signed.stateId(),
                  signed.sequence(),
                  signed.manifestId(),
                  signed.orchestrator(),
                  signed.authId(),
                  signed.tickets(),
                  signed.fee().toString(),
                  signed.at().atOffset(ZoneOffset.UTC),
                  now());
      case SignerEvent.Paid paid ->
          paid.at().isBefore(began.toInstant())
              ? OTHER
              : inserted(
                  tx,
                  paid.id(),
                  "create_new_payment",
                  "",
                  0L,
                  paid.manifestId(),
                  paid.recipient(),
                  "",
                  paid.tickets(),
                  "0",
                  paid.at().atOffset(ZoneOffset.UTC),
                  now());
      case SignerEvent.Other other -> OTHER;
      case SignerEvent.Unreadable unreadable -> {
        LOG.warnf("an event of a signer is not understood: %s", unreadable.reason());
        yield UNREADABLE;
      }
    };
  }

  private static int inserted(Tx tx, Object... values) {
    int rows =
        tx.change(
            """
            insert into signer_event (id, type, state_id, sequence, manifest_id, orchestrator,
              auth_id, tickets, fee, occurred_at, seen_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::numeric, $10, $11)
            on conflict do nothing""",
            values);
    return rows == 1 ? KEPT : REPEATED;
  }

  private OffsetDateTime began(Tx tx) {
    return tx.one("select began_at from signer_event_topic where topic = $1", config.topic())
        .map(row -> row.getOffsetDateTime("began_at"))
        .orElseThrow(() -> new IllegalStateException("the topic was not begun"));
  }

  /** Compares what has had its time on both sides, until there is nothing more. */
  void compare() {
    int looked;
    do {
      looked = transactions.run(this::comparePayments) + transactions.run(this::compareSessions);
    } while (looked >= BATCH);
    transactions.run(
        tx -> {
          for (Comparison.Kind kind : Comparison.Kind.values()) {
            long open =
                tx.one(
                        "select count(*) n from signer_gap where kind = $1 and resolved_at is null",
                        kind.wireName())
                    .orElseThrow()
                    .getLong("n");
            metrics.signerGaps(kind.wireName(), open);
          }
          return null;
        });
  }

  private int comparePayments(Tx tx) {
    OffsetDateTime due = now().minus(config.grace());
    List<Row> keys =
        tx.query(
            """
            select state_id, sequence from stock_authorization
            where checked_at is null and authorized_at < $1 and authorized_at >= $2
            union
            select state_id, sequence from signer_event
            where checked_at is null and seen_at < $1 and type = 'create_signed_ticket'
            order by 1, 2 limit $3""",
            due,
            began(tx),
            BATCH);
    for (Row key : keys) {
      String stateId = key.getString("state_id");
      Long sequence = key.getLong("sequence");
      Optional<Comparison.Authorized> authorized =
          tx.one(
                  """
                  update stock_authorization set checked_at = $3
                  where state_id = $1 and sequence = $2
                  returning caller, orchestrator, auth_id, fee::text fee""",
                  stateId,
                  sequence,
                  now())
              .map(
                  row ->
                      new Comparison.Authorized(
                          row.getString("caller"),
                          row.getString("orchestrator"),
                          row.getString("auth_id"),
                          new BigInteger(row.getString("fee"))));
      List<Comparison.Signed> signed = new ArrayList<>();
      tx.query(
              """
              update signer_event set checked_at = $3
              where state_id = $1 and sequence = $2 and type = 'create_signed_ticket'
              returning orchestrator, auth_id, fee::text fee""",
              stateId,
              sequence,
              now())
          .forEach(
              row ->
                  signed.add(
                      new Comparison.Signed(
                          row.getString("orchestrator"),
                          row.getString("auth_id"),
                          new BigInteger(row.getString("fee")))));
      record(
          tx,
          stateId + ":" + sequence,
          Comparison.payment(authorized, signed, config.feeTolerance()));
    }
    return keys.size();
  }

  private int compareSessions(Tx tx) {
    OffsetDateTime due = now().minus(config.grace());
    List<Row> manifests =
        tx.query(
            """
            select distinct manifest_id from signer_event
            where checked_at is null and seen_at < $1 and type = 'create_new_payment'
            limit $2""",
            due,
            BATCH);
    for (Row manifest : manifests) {
      String id = manifest.getString("manifest_id");
      tx.change(
          """
          update signer_event set checked_at = $2
          where manifest_id = $1 and type = 'create_new_payment' and seen_at < $3""",
          id,
          now(),
          due);
      Row sums =
          tx.one(
                  """
                  select coalesce(sum(tickets) filter (where type = 'create_new_payment'), 0)::bigint paid,
                    coalesce(sum(tickets) filter (where type = 'create_signed_ticket'), 0)::bigint signed
                  from signer_event where manifest_id = $1 and seen_at < $2""",
                  id,
                  due)
              .orElseThrow();
      record(
          tx,
          "manifest:" + id,
          Comparison.session(sums.getLong("paid"), sums.getLong("signed")).stream().toList());
    }
    return manifests.size();
  }

  /** What stands now is on the list, and what no longer does is resolved. */
  private void record(Tx tx, String subject, List<Comparison.Gap> gaps) {
    String[] standing = gaps.stream().map(gap -> gap.kind().wireName()).toArray(String[]::new);
    tx.change(
        """
        update signer_gap set resolved_at = $2
        where subject = $1 and resolved_at is null and kind <> all($3)""",
        subject,
        now(),
        standing);
    for (Comparison.Gap gap : gaps) {
      int fresh =
          tx.change(
              """
              insert into signer_gap (kind, subject, caller, detail, found_at)
              values ($1, $2, $3, $4, $5)
              on conflict (kind, subject) do update set detail = excluded.detail,
                found_at = excluded.found_at, resolved_at = null
              where signer_gap.resolved_at is not null or signer_gap.detail <> excluded.detail""",
              gap.kind().wireName(),
              subject,
              gap.caller(),
              gap.detail(),
              now());
      if (fresh > 0) {
        LOG.warnf(
            "a stock signer and its hook do not agree, kind=%s subject=%s caller=%s: %s",
            gap.kind().wireName(), subject, gap.caller(), gap.detail());
      }
    }
  }

  /** The newest first; those that stand before those that are resolved. */
  List<Gap> gaps(int most) {
    return transactions.run(
        tx ->
            tx
                .query(
                    """
                    select * from signer_gap
                    order by resolved_at is not null, found_at desc, kind, subject limit $1""",
                    most)
                .stream()
                .map(
                    row ->
                        new Gap(
                            row.getString("kind"),
                            row.getString("subject"),
                            row.getString("caller"),
                            row.getString("detail"),
                            row.getOffsetDateTime("found_at").toInstant(),
                            Optional.ofNullable(row.getOffsetDateTime("resolved_at"))
                                .map(OffsetDateTime::toInstant)
                                .orElse(null)))
                .toList());
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }
}
