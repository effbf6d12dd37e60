package io.naap.clearinghouse.signer.tickets;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.JobType;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.protocol.PriceInfo;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import io.naap.contracts.money.NanoUsd;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The tickets of one payment, judged and not recorded yet.
 *
 * @param before the state that the caller sent; absent when a session begins
 * @param after the state that the caller gets; its nonces are added when it is recorded
 * @param requestHash the same request again gets the same answer
 */
public record PaymentToRecord(
    SignerCaller caller,
    Optional<PaymentState> before,
    PaymentState after,
    Terms terms,
    Fee fee,
    ByteString requestHash,
    Instant now) {
  /** What the orchestrator wants the tickets to be. */
  public record Terms(TicketParams params, PriceInfo price, Round round) {}

  /** The round that tickets are created in, with its block hash of 32 bytes. */
  public record Round(long number, ByteString blockHash) {}

  /**
   * What is paid.
   *
   * @param expectedValue of all tickets, in whole wei
   * @param cost in dollars; present when a tenant pays for the tickets
   */
  public record Fee(
      JobType type,
      BigInteger units,
      int tickets,
      BigInteger expectedValue,
      Optional<NanoUsd> cost) {}

  String stateId() {
    return after.stateId();
  }

  String orchestrator() {
    return after.session().orchestratorAddress();
  }

  ByteString recipientRandHash() {
    return terms.params().recipientRandHash();
  }

  /** The tenant that pays for the tickets; absent for a gateway. */
  Optional<String> payer() {
    return fee.cost().isPresent() ? caller.tenant() : Optional.empty();
  }

  List<Caps.Window> windows() {
    return Caps.windows(caller, orchestrator(), now);
  }

  /** The batch of this payment when its first nonce is the one after {@code lastNonce}. */
  TicketBatch batch(int lastNonce) {
    return new TicketBatch(
        lastNonce + 1,
        fee.tickets(),
        terms.round(),
        requestHash,
        terms.params(),
        terms.price().raw(),
        after.withNonce(lastNonce + (long) fee.tickets()).text());
  }
}
