package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.wallet.Keccak;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What the {@code Livepeer-Segment} header carries: a segment of nothing, for a payment alone. */
public record SegmentCredentials(
    String manifestId, Optional<ByteString> capabilities, Optional<ByteString> authToken) {
  private static final ByteString NO_PROFILES = ByteString.copyFromUtf8("invalid");

  private static byte[] emptyHash() {
    return Keccak.hash();
  }

  /** The hash that is to be signed: manifest, sequence zero, hash of nothing. */
  public byte[] hash() {
    return Keccak.hash(manifestId.getBytes(StandardCharsets.UTF_8), new byte[32], emptyHash());
  }

  public ByteString write(ByteString signature) {
    return Messages.write(
        out -> {
          Messages.bytes(out, 1, ByteString.copyFromUtf8(manifestId));
          out.writeBytes(3, ByteString.copyFrom(emptyHash()));
          out.writeBytes(4, NO_PROFILES);
          out.writeBytes(5, signature);
          if (capabilities.isPresent()) {
            out.writeBytes(7, capabilities.get());
          }
          if (authToken.isPresent()) {
            out.writeBytes(8, authToken.get());
          }
        });
  }
}
