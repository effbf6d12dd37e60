package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Keccak;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** A probabilistic payment, as the TicketBroker hashes it. */
public record Ticket(
    ByteString recipient,
    ByteString sender,
    BigInteger faceValue,
    BigInteger winProb,
    long senderNonce,
    ByteString recipientRandHash,
    long creationRound,
    ByteString creationRoundBlockHash) {
  public static final BigInteger MAX_WIN_PROB = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);
  private static final int WORD = 32;

  public byte[] hash() {
    return Keccak.hash(preimage());
  }

  /** Tickets that differ only in their nonce: the rest of the hashed bytes is laid out once. */
  public static final class Series {
    private static final int NONCE_AT = 2 * 20 + 2 * WORD;
    private final byte[] preimage;

    private Series(byte[] preimage) {
      this.preimage = preimage;
    }

    public byte[] hash(long nonce) {
      byte[] one = preimage.clone();
      ByteBuffer.wrap(one).putLong(NONCE_AT + WORD - Long.BYTES, nonce);
      return Keccak.hash(one);
    }
  }

  public static Series series(
      ByteString recipient,
      ByteString sender,
      BigInteger faceValue,
      BigInteger winProb,
      ByteString recipientRandHash,
      long creationRound,
      ByteString creationRoundBlockHash) {
    Ticket first =
        new Ticket(
            recipient,
            sender,
            faceValue,
            winProb,
            0,
            recipientRandHash,
            creationRound,
            creationRoundBlockHash);
    return new Series(first.preimage());
  }

  /** The bytes that are hashed: 168, or 232 with a round. */
  public byte[] preimage() {
    byte[] auxData = auxData();
    return ByteBuffer.allocate(2 * 20 + 4 * WORD + auxData.length)
        .put(recipient.toByteArray())
        .put(sender.toByteArray())
        .put(word(faceValue))
        .put(word(winProb))
        .put(word(BigInteger.valueOf(senderNonce)))
        .put(recipientRandHash.toByteArray())
        .put(auxData)
        .array();
  }

  /** Empty when there is neither a round nor a hash. */
  public byte[] auxData() {
    boolean none =
        creationRound == 0 && creationRoundBlockHash.equals(ByteString.copyFrom(new byte[WORD]));
    return none
        ? new byte[0]
        : ByteBuffer.allocate(2 * WORD)
            .put(word(BigInteger.valueOf(creationRound)))
            .put(creationRoundBlockHash.toByteArray())
            .array();
  }

  /** The expected value of one ticket in wei, exactly. */
  public static Fraction value(BigInteger faceValue, BigInteger winProb) {
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
