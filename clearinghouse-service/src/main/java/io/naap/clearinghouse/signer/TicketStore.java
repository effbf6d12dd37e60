package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.chain.ChainView;
import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.Booking;
import io.naap.clearinghouse.ledger.Books;
import io.naap.clearinghouse.ledger.Journal;
import io.naap.clearinghouse.signer.wire.PriceInfo;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.contracts.ids.IdKind;
import io.naap.contracts.ids.Ids;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the signer remembers, in the ledger's own transaction. Hand-written SQL: the row locks are
 * what keeps a nonce from being given out twice.
 */
@ApplicationScoped
class TicketStore {
  private final Ids ids;

  TicketStore(Ids ids) {
    this.ids = ids;
  }

  /** Tickets of one call, to be recorded. */
  record Batch(
      SignerCaller caller,
      PaymentState state,
      TicketParams params,
      PriceInfo price,
      ChainView.Snapshot round,
      String type,
      BigInteger units,
      int lastNonce,
      int tickets,
      BigInteger expectedValue,
      Instant now) {}

  /** One call of a caller at a time, so that its budget cannot be spent twice. */
  void lock(Books books, SignerCaller caller) {
    books.lock(
        List.of(AccountRef.networkSpent(caller.name()), AccountRef.ticketsIssued(caller.name())));
  }

  /** Takes a state for this call alone: it must be the session's last, and the caller's. */
  void claim(Books books, SignerCaller caller, PaymentState state) {
    Row session =
        books
            .tx()
            .one(
                "select caller, sequence from signer_session where state_id = $1 for update",
                state.stateId())
            .orElseThrow(() -> new PaymentRefused(400, "unknown state"));
    if (!session.getString("caller").equals(caller.name())) {
      throw new PaymentRefused(403, "the state belongs to another caller");
    }
    if (session.getLong("sequence") != state.sequenceNumber()) {
      throw new PaymentRefused(400, "the state was used before");
    }
  }

  /** The last nonce given out under a hash, locked until the transaction ends. */
  int lastNonce(Books books, ByteString recipientRandHash) {
    Buffer hash = Buffer.buffer(recipientRandHash.toByteArray());
    books
        .tx()
        .change(
            "insert into recipient_nonce (recipient_rand_hash, last_nonce) values ($1, 0)"
                + " on conflict do nothing",
            hash);
    return books
        .tx()
        .one(
            "select last_nonce from recipient_nonce where recipient_rand_hash = $1 for update",
            hash)
        .orElseThrow()
        .getInteger("last_nonce");
  }

  BigInteger issuedToday(Books books, SignerCaller caller, Instant now) {
    return books
        .tx()
        .one(
            "select coalesce(sum(expected_value), 0) issued from ticket_batch"
                + " where caller = $1 and created_at >= $2",
            caller.name(),
            now.truncatedTo(ChronoUnit.DAYS).atOffset(ZoneOffset.UTC))
        .orElseThrow()
        .getBigDecimal("issued")
        .toBigIntegerExact();
  }

  void record(Books books, Batch batch) {
    String id = ids.next(IdKind.TICKET);
    String key = "tickets:" + id;
    books.know(List.of(key));
    Booking booking =
        books.book(
            new Journal(
                key,
                "tickets",
                batch.caller().tenant(),
                batch.now(),
                "tickets to " + batch.state().orchestratorAddress(),
                new Journal.Lines()
                    .add(AccountRef.networkSpent(batch.caller().name()), batch.expectedValue())
                    .add(
                        AccountRef.ticketsIssued(batch.caller().name()),
                        batch.expectedValue().negate())
                    .list()));
    if (!(booking instanceof Booking.Booked booked)) {
      throw new IllegalStateException("tickets could not be booked: " + booking);
    }
    saveSession(books, batch);
    saveBatch(books, batch, id, booked.journalId());
    saveTickets(books, batch, id);
  }

  private static void saveSession(Books books, Batch batch) {
    books
        .tx()
        .change(
            """
            insert into signer_session (state_id, caller, orchestrator, sequence, updated_at)
            values ($1, $2, $3, $4, $5)
            on conflict (state_id) do update
              set sequence = excluded.sequence, updated_at = excluded.updated_at
              where signer_session.caller = excluded.caller
                and signer_session.sequence = excluded.sequence - 1""",
            batch.state().stateId(),
            batch.caller().name(),
            batch.state().orchestratorAddress(),
            batch.state().sequenceNumber(),
            batch.now().atOffset(ZoneOffset.UTC));
  }

  private static void saveBatch(Books books, Batch batch, String id, String journalId) {
    books
        .tx()
        .change(
            """
            insert into ticket_batch (id, journal_id, caller, gateway, tenant_id, state_id,
              sequence, capability, orchestrator, recipient, face_value, win_prob,
              recipient_rand_hash, expiration_block, creation_round, creation_round_block_hash,
              price_per_unit, pixels_per_unit, units, tickets, expected_value, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::numeric,
              $12::text::numeric, $13, $14::text::numeric, $15, $16, $17, $18,
              $19::text::numeric, $20, $21::text::numeric, $22)""",
            id,
            journalId,
            batch.caller().name(),
            batch.caller().gateway().orElse(null),
            batch.caller().tenant().orElse(null),
            batch.state().stateId(),
            batch.state().sequenceNumber(),
            capability(batch.type()),
            batch.state().orchestratorAddress(),
            new io.naap.clearinghouse.wallet.Address(batch.params().recipient()).lowerCase(),
            batch.params().faceValue().toString(),
            batch.params().winProb().toString(),
            Buffer.buffer(batch.params().recipientRandHash().toByteArray()),
            batch.params().expirationBlock().toString(),
            batch.round().lastInitializedRound(),
            Buffer.buffer(batch.round().roundBlockHash().toByteArray()),
            batch.price().pricePerUnit(),
            batch.price().pixelsPerUnit(),
            batch.units().toString(),
            batch.tickets(),
            batch.expectedValue().toString(),
            batch.now().atOffset(ZoneOffset.UTC));
  }

  private static String capability(String type) {
    return "lv2v".equals(type) ? "live-video-to-video" : type.isEmpty() ? "other" : type;
  }

  private void saveTickets(Books books, Batch batch, String id) {
    Buffer hash = Buffer.buffer(batch.params().recipientRandHash().toByteArray());
    books
        .tx()
        .change(
            """
            insert into ticket (id, batch_id, recipient_rand_hash, sender_nonce)
            select t, $1, $2, n from unnest($3::text[], $4::int[]) x(t, n)""",
            id,
            hash,
            Stream.generate(() -> ids.next(IdKind.TICKET))
                .limit(batch.tickets())
                .toArray(String[]::new),
            IntStream.rangeClosed(batch.lastNonce() + 1, batch.lastNonce() + batch.tickets())
                .boxed()
                .toArray(Integer[]::new));
    books
        .tx()
        .change(
            "update recipient_nonce set last_nonce = $2 where recipient_rand_hash = $1",
            hash,
            batch.lastNonce() + batch.tickets());
  }
}
