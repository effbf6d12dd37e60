package io.naap.clearinghouse.signer.payment;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.SegmentCredentials;
import io.naap.clearinghouse.signer.protocol.Ticket;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.protocol.TicketPayment;
import io.naap.clearinghouse.signer.tickets.TicketBatch;
import io.naap.clearinghouse.wallet.Wallet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The last stage of a payment: signs the tickets that Postgres has, and writes the answer. */
final class PaymentSigning {
  private final Wallet wallet;

  PaymentSigning(Wallet wallet) {
    this.wallet = wallet;
  }

  /**
   * Signs.
   *
   * @param batch committed in Postgres
   */
  PaymentOutcome sign(PaymentDraft draft, TicketBatch batch) {
    ByteString sender = wallet.address().bytes();
    TicketParams params = batch.params();
    Ticket.Series series =
        Ticket.series(
            params.recipient(),
            sender,
            params.faceValue(),
            params.winProb(),
            params.recipientRandHash(),
            batch.round().number(),
            batch.round().blockHash());
    List<TicketPayment.SignedNonce> tickets = new ArrayList<>();
    for (int at = 0; at < batch.tickets(); at++) {
      int nonce = batch.firstNonce() + at;
      tickets.add(new TicketPayment.SignedNonce(nonce, wallet.sign(series.hash(nonce))));
    }
    TicketPayment payment =
        new TicketPayment(
            params,
            sender,
            batch.round().number(),
            batch.round().blockHash(),
            tickets,
            batch.priceInfo());
    SegmentCredentials credentials =
        new SegmentCredentials(
            draft.manifestId(), draft.request().capabilities(), draft.offer().info().authToken());
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
