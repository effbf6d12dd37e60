package io.naap.clearinghouse.signer;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Keccak;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** A probabilistic payment, as the TicketBroker hashes it. */
record Ticket(
    ByteString recipient,
    ByteString sender,
    BigInteger faceValue,
    BigInteger winProb,
    long senderNonce,
    ByteString recipientRandHash,
    long creationRound,
    ByteString creationRoundBlockHash) {
  static final BigInteger MAX_WIN_PROB = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);
  private static final int WORD = 32;

  byte[] hash() {
    return Keccak.hash(
        recipient.toByteArray(),
        sender.toByteArray(),
        word(faceValue),
        word(winProb),
        word(BigInteger.valueOf(senderNonce)),
        recipientRandHash.toByteArray(),
        auxData());
  }

  /** Empty when there is neither a round nor a hash. */
  private byte[] auxData() {
    boolean none =
        creationRound == 0 && creationRoundBlockHash.equals(ByteString.copyFrom(new byte[WORD]));
    return none
        ? new byte[0]
        : ByteBuffer.allocate(2 * WORD)
            .put(word(BigInteger.valueOf(creationRound)))
            .put(creationRoundBlockHash.toByteArray())
            .array();
  }

  /** What one ticket is worth on average, exactly. */
  static Fraction value(BigInteger faceValue, BigInteger winProb) {
    return new Fraction(faceValue.multiply(winProb), MAX_WIN_PROB);
  }

  private static byte[] word(BigInteger value) {
    byte[] minimal = value.toByteArray();
    byte[] word = new byte[WORD];
    int length = Math.min(minimal.length, WORD);
    System.arraycopy(minimal, minimal.length - length, word, WORD - length, length);
    return word;
  }
}
