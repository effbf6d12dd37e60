package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.math.BigInteger;

/**
 * What an orchestrator wants tickets to be. Its secret depends on these bytes, so they go back
 * exactly as they came.
 *
 * @param creationRound zero when the orchestrator left the round to us
 */
public record TicketParams(
    ByteString recipient,
    ByteString faceValueBytes,
    ByteString winProbBytes,
    ByteString recipientRandHash,
    ByteString seed,
    ByteString expirationBlockBytes,
    long creationRound,
    ByteString creationRoundBlockHash) {
  /**
   * Reads them.
   *
   * @throws IOException when the bytes are no such message
   */
  public static TicketParams read(ByteString raw) throws IOException {
    ByteString[] fields = new ByteString[8];
    CodedInputStream in = raw.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      boolean known =
          field >= 1
              && field <= 7
              && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      if (known) {
        ByteString value = in.readBytes();
        fields[field] = field == 7 ? Messages.merge(fields[field], value) : value;
      } else {
        Messages.skip(in, tag);
      }
    }
    long round = 0;
    ByteString hash = ByteString.EMPTY;
    if (fields[7] != null) {
      CodedInputStream expiration = fields[7].newCodedInput();
      for (int tag = expiration.readTag(); tag != 0; tag = expiration.readTag()) {
        switch (tag) {
          case 1 << 3 | WireFormat.WIRETYPE_VARINT -> round = expiration.readInt64();
          case 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> hash = expiration.readBytes();
          default -> Messages.skip(expiration, tag);
        }
      }
    }
    return new TicketParams(
        orEmpty(fields[1]),
        orEmpty(fields[2]),
        orEmpty(fields[3]),
        orEmpty(fields[4]),
        orEmpty(fields[5]),
        orEmpty(fields[6]),
        round,
        hash);
  }

  private static ByteString orEmpty(ByteString value) {
    return value == null ? ByteString.EMPTY : value;
  }

  public BigInteger faceValue() {
    return new BigInteger(1, faceValueBytes.toByteArray());
  }

  public BigInteger winProb() {
    return new BigInteger(1, winProbBytes.toByteArray());
  }

  public BigInteger expirationBlock() {
    return new BigInteger(1, expirationBlockBytes.toByteArray());
  }

  /** Fields 1 to 6; the expiration parameters travel in the payment itself. */
  public ByteString write() {
    return Messages.write(
        out -> {
          Messages.bytes(out, 1, recipient);
          Messages.bytes(out, 2, faceValueBytes);
          Messages.bytes(out, 3, winProbBytes);
          Messages.bytes(out, 4, recipientRandHash);
          Messages.bytes(out, 5, seed);
          Messages.bytes(out, 6, expirationBlockBytes);
        });
  }
}
