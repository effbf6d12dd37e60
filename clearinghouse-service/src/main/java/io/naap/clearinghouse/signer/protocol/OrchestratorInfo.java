package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Optional;

/**
 * What an orchestrator tells about itself.
 *
 * @param transcoder its URL
 * @param authToken the token's bytes, to be sent on unchanged
 * @param authTokenExpiration Unix seconds
 */
public record OrchestratorInfo(
    String transcoder,
    Optional<TicketParams> ticketParams,
    Optional<PriceInfo> priceInfo,
    ByteString address,
    Optional<ByteString> authToken,
    long authTokenExpiration) {
  /**
   * Reads the message.
   *
   * @throws IOException when the bytes are not such a message
   */
  public static OrchestratorInfo read(ByteString raw) throws IOException {
    String transcoder = "";
    ByteString ticketParams = null;
    ByteString priceInfo = null;
    ByteString address = ByteString.EMPTY;
    ByteString authToken = null;
    CodedInputStream in = raw.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            transcoder = in.readStringRequireUtf8();
        case 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            ticketParams = Messages.merge(ticketParams, in.readBytes());
        case 3 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            priceInfo = Messages.merge(priceInfo, in.readBytes());
        case 4 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> address = in.readBytes();
        case 6 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            authToken = Messages.merge(authToken, in.readBytes());
        default -> Messages.skip(in, tag);
      }
    }
    return new OrchestratorInfo(
        transcoder,
        ticketParams == null ? Optional.empty() : Optional.of(TicketParams.read(ticketParams)),
        priceInfo == null ? Optional.empty() : Optional.of(PriceInfo.read(priceInfo)),
        address,
        Optional.ofNullable(authToken),
        authToken == null ? 0 : expiration(authToken));
  }

  private static long expiration(ByteString authToken) throws IOException {
    long expiration = 0;
    CodedInputStream in = authToken.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (3 << 3 | WireFormat.WIRETYPE_VARINT)) {
        expiration = in.readInt64();
      } else {
        Messages.skip(in, tag);
      }
    }
    return expiration;
  }
}
