package io.naap.clearinghouse.confirmation;

import io.naap.clearinghouse.metrics.ClearinghouseMetrics;
import io.naap.store.Transactions;
import io.naap.store.Tx;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Stores the events of signers, and compares them with what the hook authorised. */
@ApplicationScoped
public class Confirmations {
  private static final Logger LOG = Logger.getLogger(Confirmations.class);
  private static final int BATCH = 500;

  private final Transactions transactions;
  private final ConfirmationConfig config;
  private final SignerGaps gaps;
  private final ClearinghouseMetrics metrics;
  private final Clock clock;

  Confirmations(
      Transactions transactions,
      ConfirmationConfig config,
      SignerGaps gaps,
      ClearinghouseMetrics metrics,
      Clock clock) {
    this.transactions = transactions;
    this.config = config;
    this.gaps = gaps;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Stores since when the topic is read. */
  void begin() {
    transactions.run(
        tx ->
            tx.change(
                "insert into signer_event_topic values ($1, $2) on conflict do nothing",
                config.topic(),
                now()));
  }

  /** Stores events, each once however often it is read. */
  void take(List<String> records) {
    int[] counts = new int[4];
    transactions.run(
        tx -> {
          // The transaction may run twice: only the one that commits counts.
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
                  signed.payment().orchestrator(),
                  signed.payment().authId(),
                  signed.tickets(),
                  signed.payment().fee().toString(),
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
        LOG.warnf("an event of a signer could not be read: %s", unreadable.reason());
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
        .orElseThrow(
            () -> new IllegalStateException("since when the topic is read was not stored"));
  }

  /** Compares everything whose grace period is over on both sides. */
  void compare() {
    int looked;
    do {
      looked = transactions.run(this::comparePayments) + transactions.run(this::compareSessions);
    } while (looked >= BATCH);
    gaps.count();
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
      gaps.record(
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
      gaps.record(
          tx,
          "manifest:" + id,
          Comparison.session(sums.getLong("paid"), sums.getLong("signed")).stream().toList());
    }
    return manifests.size();
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }
}
