package io.naap.clearinghouse.confirmation;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.confirmation.Comparison.Authorized;
import io.naap.clearinghouse.confirmation.Comparison.Gap;
import io.naap.clearinghouse.confirmation.Comparison.Kind;
import io.naap.clearinghouse.confirmation.Comparison.Signed;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final BigDecimal TENTH = new BigDecimal("0.10");
  private static final Optional<Authorized> AUTHORIZED =
      Optional.of(new Authorized("gateway-a", "0xaa", "ten:1", BigInteger.valueOf(100)));

  private static List<Kind> kinds(Optional<Authorized> authorized, Signed... signed) {
    return Comparison.payment(authorized, List.of(signed), TENTH).stream().map(Gap::kind).toList();
  }

  private static Signed signed(String orchestrator, String authId, long fee) {
    return new Signed(orchestrator, authId, BigInteger.valueOf(fee));
  }

  @Test
  void bothSidesAgreeUpToTheToleranceOfTheFee() {
    assertThat(kinds(AUTHORIZED, signed("0xaa", "ten:1", 100))).isEmpty();
    assertThat(kinds(AUTHORIZED, signed("0xaa", "ten:1", 110))).isEmpty();
    assertThat(kinds(AUTHORIZED, signed("0xaa", "ten:1", 112))).containsExactly(Kind.FEE_DIFFERS);
    assertThat(kinds(AUTHORIZED, signed("0xaa", "ten:1", 91))).isEmpty();
    assertThat(kinds(AUTHORIZED, signed("0xaa", "ten:1", 90))).containsExactly(Kind.FEE_DIFFERS);
    // A signer without pinning tells no payer.
    assertThat(kinds(AUTHORIZED, signed("0xaa", "", 100))).isEmpty();
  }

  @Test
  void oneSideAloneIsAGap() {
    assertThat(kinds(AUTHORIZED)).containsExactly(Kind.UNCONFIRMED);
    assertThat(kinds(Optional.empty(), signed("0xaa", "ten:1", 100)))
        .containsExactly(Kind.UNAUTHORIZED);
    assertThat(kinds(Optional.empty())).isEmpty();
  }

  @Test
  void everythingThatIsWrongIsNamedAtOnce() {
    assertThat(kinds(AUTHORIZED, signed("0xbb", "ten:1", 500), signed("0xaa", "ten:2", 100)))
        .containsExactly(Kind.SIGNED_AGAIN, Kind.OTHER_PARTIES, Kind.FEE_DIFFERS);
  }

  @Test
  void aSessionsPaymentsHaveAsManyTicketsAsWereSigned() {
    assertThat(Comparison.session(7, 7)).isEmpty();
    assertThat(Comparison.session(7, 0)).map(Gap::kind).contains(Kind.TICKETS_DIFFER);
    assertThat(Comparison.session(0, 7))
        .map(Gap::detail)
        .contains("0 tickets in payments, 7 signed");
  }
}
