package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * A price in wei.
 *
 * @param raw as it came, to be sent on unchanged
 */
public record PriceInfo(long pricePerUnit, long pixelsPerUnit, ByteString raw) {
  static PriceInfo read(ByteString raw) throws IOException {
    CodedInputStream in = raw.newCodedInput();
    long pricePerUnit = 0;
    long pixelsPerUnit = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_VARINT -> pricePerUnit = in.readInt64();
        case 2 << 3 | WireFormat.WIRETYPE_VARINT -> pixelsPerUnit = in.readInt64();
        default -> Messages.skip(in, tag);
      }
    }
    return new PriceInfo(pricePerUnit, pixelsPerUnit, raw);
  }
}
