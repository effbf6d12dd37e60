package io.naap.clearinghouse.signer.payment;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.signer.protocol.Fraction;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class StageTest {
  /** Numbers of go-livepeer's accounting tests; a ticket worth nothing is what it calls none. */
  @Test
  void takesAsManyTicketsAsGoLivepeer() {
    record Case(String balance, String fee, String value, long tickets, String after) {}
    List<Case> cases =
        List.of(
            new Case("0", "30", "35", 1, "5"),
            new Case("5", "36", "35", 1, "4"),
            new Case("0", "6000/7", "35", 25, "125/7"),
            new Case("0", "1", "1", 1, "0"),
            new Case("0", "101", "1", 101, "0"),
            new Case("1000", "1", "1", 0, "999"),
            new Case("-10", "20", "5", 6, "0"),
            new Case("0", "1990656000000", "1000000000000", 2, "9344000000"),
            new Case("3", "3", "3", 0, "0"),
            new Case("2/3", "1", "1/3", 1, "0"),
            new Case("2", "1", "0", 0, "1"),
            new Case("2", "2", "0", 0, "0"),
            new Case("1", "5", "1", 4, "0"),
            new Case("1/4", "2", "1", 2, "1/4"),
            new Case("-5", "2", "1", 7, "0"),
            new Case("0", "2", "1", 2, "0"));
    for (Case one : cases) {
      Stage stage =
          Stage.of(
              Fraction.parseOrZero(one.balance()),
              Fraction.parseOrZero(one.fee()),
              Fraction.parseOrZero(one.value()));

      assertThat(stage.tickets()).as(one.toString()).isEqualTo(one.tickets());
      assertThat(stage.balance()).as(one.toString()).hasToString(one.after());
    }
  }

  @Property
  void theTicketsCoverTheFeeAndOneFewerWouldNot(
      @ForAll @LongRange(min = -1_000_000, max = 1_000_000) long balance,
      @ForAll @LongRange(min = 0, max = 1_000_000) long fee,
      @ForAll @LongRange(min = 1, max = 1_000_000) long numerator,
      @ForAll @LongRange(min = 1, max = 1_000) long denominator) {
    Fraction value = Fraction.of(numerator, denominator);
    Fraction least = Fraction.of(BigInteger.valueOf(fee)).max(value);

    Stage stage = Stage.of(Fraction.of(BigInteger.valueOf(balance)), Fraction.of(fee, 1), value);

    Fraction credit = Fraction.of(balance, 1).plus(value.times(Fraction.of(stage.tickets())));
    assertThat(credit.compareTo(least)).isNotNegative();
    if (stage.tickets().signum() > 0) {
      assertThat(credit.minus(value).compareTo(least)).isNegative();
    }
  }

  @Test
  void readsOnlyFractions() {
    for (String text : List.of("", "x", "1/0", "1.5", "1e3", "1/", "/2", "9".repeat(500))) {
      assertThat(Fraction.parseOrZero(text)).as(text).isEqualTo(Fraction.ZERO);
    }
    assertThat(Fraction.parseOrZero("-6/4")).hasToString("-3/2");
  }
}
