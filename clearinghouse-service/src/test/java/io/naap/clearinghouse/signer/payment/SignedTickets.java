package io.naap.clearinghouse.signer.payment;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.Ticket;
import io.naap.clearinghouse.wallet.Address;
import io.naap.clearinghouse.wallet.TestWallet;
import java.math.BigInteger;
import java.util.HexFormat;

/** Tickets signed as {@link LivePayments} signs them, for tests of whoever redeems them. */
public final class SignedTickets {
  private SignedTickets() {}

  public static Address sender() {
    return TestWallet.hardhat0().address();
  }

  /** The signature over one ticket, hexadecimal. */
  public static String sign(
      Address recipient,
      BigInteger faceValue,
      BigInteger winProb,
      long nonce,
      byte[] recipientRandHash,
      long creationRound,
      byte[] creationRoundBlockHash) {
    Ticket.Series series =
        Ticket.series(
            recipient.bytes(),
            sender().bytes(),
            faceValue,
            winProb,
            ByteString.copyFrom(recipientRandHash),
            creationRound,
            ByteString.copyFrom(creationRoundBlockHash));
    return HexFormat.of().formatHex(TestWallet.hardhat0().sign(series.hash(nonce)).toByteArray());
  }
}
