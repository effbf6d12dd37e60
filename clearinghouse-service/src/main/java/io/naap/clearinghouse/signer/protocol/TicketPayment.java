package io.naap.clearinghouse.signer.protocol;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * What the {@code Livepeer-TicketPayment} header carries.
 *
 * @param creationRound of all tickets, with
 * @param creationRoundBlockHash its block hash
 */
public record TicketPayment(
    TicketParams ticketParams,
    ByteString sender,
    long creationRound,
    ByteString creationRoundBlockHash,
    List<SignedNonce> tickets,
    ByteString expectedPrice) {
  public TicketPayment {
    tickets = List.copyOf(tickets);
  }

  /** One ticket's own part. */
  public record SignedNonce(int senderNonce, ByteString signature) {}

  public ByteString write() {
    return Messages.write(
        out -> {
          out.writeBytes(1, ticketParams.write());
          Messages.bytes(out, 2, sender);
          out.writeBytes(
              3,
              Messages.write(
                  expiration -> {
                    if (creationRound != 0) {
                      expiration.writeInt64(1, creationRound);
                    }
                    Messages.bytes(expiration, 2, creationRoundBlockHash);
                  }));
          for (SignedNonce ticket : tickets) {
            out.writeBytes(
                4,
                Messages.write(
                    one -> {
                      one.writeUInt32(1, ticket.senderNonce());
                      Messages.bytes(one, 2, ticket.signature());
                    }));
          }
          out.writeBytes(5, expectedPrice);
        });
  }
}
