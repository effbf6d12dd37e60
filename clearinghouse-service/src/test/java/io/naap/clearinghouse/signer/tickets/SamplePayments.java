package io.naap.clearinghouse.signer.tickets;

import com.google.protobuf.ByteString;
import io.naap.clearinghouse.signer.protocol.Fraction;
import io.naap.clearinghouse.signer.protocol.JobType;
import io.naap.clearinghouse.signer.protocol.PaymentState;
import io.naap.clearinghouse.signer.protocol.PriceInfo;
import io.naap.clearinghouse.signer.protocol.TicketParams;
import io.naap.clearinghouse.signer.tokens.SignerCaller;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Optional;

/** Payments to be recorded. */
final class SamplePayments {
  private static final ByteString BLOCK_HASH = ByteString.copyFrom(new byte[32]);

  private SamplePayments() {}

  static SignerCaller gateway(String name) {
    return new SignerCaller(name, Optional.of("gateway"), Optional.empty(), "standard");
  }

  /** A payment of one session, whose state the caller shows when {@code sequence} is not zero. */
  static PaymentToRecord payment(
      SignerCaller caller, String session, long sequence, String secret, Value value, Instant now) {
    String orchestrator = "0x" + hash(value.orchestrator()).substring(0, 40);
    PaymentState after =
        new PaymentState(
            session,
            sequence,
            now,
            0,
            Fraction.ZERO,
            new PaymentState.Session("0x", orchestrator, "", "lv2v", 1, 1),
            PaymentState.Authorization.NONE);
    Optional<PaymentState> before =
        sequence == 0
            ? Optional.empty()
            : Optional.of(
                new PaymentState(
                    session,
                    sequence - 1,
                    now,
                    0,
                    Fraction.ZERO,
                    after.session(),
                    PaymentState.Authorization.NONE));
    TicketParams params =
        new TicketParams(
            ByteString.copyFrom(new byte[20]),
            ByteString.copyFrom(new byte[] {1}),
            ByteString.copyFrom(new byte[] {1}),
            secret(secret),
            ByteString.EMPTY,
            ByteString.copyFrom(new byte[] {100}),
            0,
            ByteString.EMPTY);
    return new PaymentToRecord(
        caller,
        before,
        after,
        new PaymentToRecord.Terms(
            params,
            new PriceInfo(1, 1, ByteString.EMPTY),
            new PaymentToRecord.Round(1, BLOCK_HASH)),
        new PaymentToRecord.Fee(
            JobType.LV2V,
            BigInteger.ONE,
            value.tickets(),
            BigInteger.valueOf(value.wei()),
            Optional.empty()),
        ByteString.copyFromUtf8(session + sequence),
        now);
  }

  /** What is paid to whom. */
  record Value(String orchestrator, int tickets, long wei) {}

  static ByteString secret(String name) {
    return ByteString.fromHex(hash(name));
  }

  private static String hash(String text) {
    try {
      return java.util.HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
