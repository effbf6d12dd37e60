package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.wire.Payment;
import io.naap.clearinghouse.signer.wire.SegmentCredentials;
import io.naap.clearinghouse.signer.wire.TicketParams;
import io.naap.clearinghouse.wallet.Wallet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Signs what the store has, and puts the answer together. */
final class PaymentSigning {
  private final Wallet wallet;

  PaymentSigning(Wallet wallet) {
    this.wallet = wallet;
  }

  /** Everything signed here is committed already. */
  PaymentOutcome sign(PaymentDraft draft, TicketStore.Batch batch) {
    ByteString sender = wallet.address().bytes();
    TicketParams params = batch.params();
    List<Payment.SignedNonce> tickets = new ArrayList<>();
    Ticket.Series series =
        Ticket.series(
            params.recipient(),
            sender,
            params.faceValue(),
            params.winProb(),
            params.recipientRandHash(),
            batch.creationRound(),
            batch.creationRoundBlockHash());
    for (int at = 0; at < batch.tickets(); at++) {
      int nonce = batch.firstNonce() + at;
      tickets.add(new Payment.SignedNonce(nonce, wallet.sign(series.hash(nonce))));
    }
    Payment payment =
        new Payment(
            params,
            sender,
            batch.creationRound(),
            batch.creationRoundBlockHash(),
            tickets,
            batch.priceInfo());
    SegmentCredentials credentials =
        new SegmentCredentials(draft.manifestId(), draft.capabilities(), draft.info().authToken());
    byte[] state = batch.state().getBytes(StandardCharsets.UTF_8);
    return new PaymentOutcome.Paid(
        base64(payment.write()),
        base64(credentials.write(wallet.sign(credentials.hash()))),
        Base64.getEncoder().encodeToString(state),
        base64(wallet.sign(state)));
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
