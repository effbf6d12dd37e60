package io.naap.clearinghouse.confirmation;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the disagreements between what the hook authorised and what a stock signer signed. */
final class Comparison {
  private Comparison() {}

  /** The kinds of disagreement. */
  enum Kind {
    /** The hook authorised, and no event says that anything was signed. */
    UNCONFIRMED,
    /** The signer signed without asking the hook: no tenant paid. */
    UNAUTHORIZED,
    /** The signer signed one state more than once. */
    SIGNED_AGAIN,
    /** Signed for another payer or orchestrator than was authorised. */
    OTHER_PARTIES,
    /** The hook computed another fee than the signer. */
    FEE_DIFFERS,
    /** The payments of a session have another number of tickets than were signed. */
    TICKETS_DIFFER;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the hook authorised; the fee in wei. */
  record Authorized(String caller, String orchestrator, String authId, BigInteger fee) {}

  /** What an event says was signed; the fee in wei. */
  record Signed(String orchestrator, String authId, BigInteger fee) {}

  /**
   * One disagreement.
   *
   * @param caller empty when nothing was authorised
   * @param detail for a person
   */
  record Gap(Kind kind, String caller, String detail) {}

  /** Compares one payment of a session, after the grace period of both sides. */
  static List<Gap> payment(
      Optional<Authorized> authorized, List<Signed> signed, BigDecimal feeTolerance) {
    String caller = authorized.map(Authorized::caller).orElse("");
    List<Gap> gaps = new ArrayList<>();
    if (signed.isEmpty()) {
      if (authorized.isPresent()) {
        gaps.add(new Gap(Kind.UNCONFIRMED, caller, "authorised, and no event says it was signed"));
      }
      return gaps;
    }
    if (authorized.isEmpty()) {
      gaps.add(
          new Gap(
              Kind.UNAUTHORIZED,
              caller,
              "signed for %s, fee %s wei, without the hook"
                  .formatted(signed.getFirst().orchestrator(), signed.getFirst().fee())));
    }
    if (signed.size() > 1) {
      gaps.add(new Gap(Kind.SIGNED_AGAIN, caller, "signed " + signed.size() + " times"));
    }
    authorized.ifPresent(
        of -> {
          signed.stream()
              .filter(one -> !isFor(of, one))
              .findFirst()
              .ifPresent(
                  other ->
                      gaps.add(
                          new Gap(
                              Kind.OTHER_PARTIES,
                              caller,
                              "authorised %s for %s, signed %s for %s"
                                  .formatted(
                                      of.authId(),
                                      of.orchestrator(),
                                      other.authId(),
                                      other.orchestrator()))));
          BigInteger fee = signed.getFirst().fee();
          if (isBeyond(of.fee(), fee, feeTolerance)) {
            gaps.add(
                new Gap(
                    Kind.FEE_DIFFERS,
                    caller,
                    "authorised %s wei, signed %s wei".formatted(of.fee(), fee)));
          }
        });
    return gaps;
  }

  /** Compares a session's payments with its signed tickets: either event may have been lost. */
  static Optional<Gap> session(long paid, long signed) {
    return paid == signed
        ? Optional.empty()
        : Optional.of(
            new Gap(
                Kind.TICKETS_DIFFER,
                "",
                "%d tickets in payments, %d signed".formatted(paid, signed)));
  }

  private static boolean isFor(Authorized authorized, Signed signed) {
    return authorized.orchestrator().equals(signed.orchestrator())
        && (signed.authId().isEmpty() || authorized.authId().equals(signed.authId()));
  }

  private static boolean isBeyond(BigInteger ours, BigInteger theirs, BigDecimal tolerance) {
    BigDecimal apart = new BigDecimal(ours.subtract(theirs).abs());
    return apart.compareTo(new BigDecimal(theirs).multiply(tolerance)) > 0;
  }
}
