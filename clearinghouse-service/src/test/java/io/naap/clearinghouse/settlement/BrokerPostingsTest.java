package io.naap.clearinghouse.settlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.naap.clearinghouse.chain.LogPosition;
import io.naap.clearinghouse.ledger.AccountKind;
import io.naap.clearinghouse.ledger.Posting;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BrokerPostingsTest {
  private final BrokerPostings postings = new BrokerPostings("0xsender");
  private int logIndex;

  private List<Posting> of(BrokerEvent.Kind kind, String transaction, long amount, long second) {
    return postings.of(
        new BrokerEvent(
            new LogPosition(transaction, logIndex++, 7, "0xblock"),
            kind,
            Optional.empty(),
            BigInteger.valueOf(amount),
            BigInteger.valueOf(second),
            Optional.empty()));
  }

  private static long amount(List<Posting> postings, AccountKind kind) {
    return postings.stream()
        .filter(posting -> posting.account().kind() == kind)
        .mapToLong(posting -> posting.amount().longValueExact())
        .sum();
  }

  @Test
  void aTransferTakesTheReserveThatItsTransactionClaimedAndTheRestFromTheDeposit() {
    assertThat(of(BrokerEvent.Kind.RESERVE_CLAIMED, "0x1", 30, 0)).isEmpty();

    List<Posting> moved = of(BrokerEvent.Kind.TRANSFERRED, "0x1", 100, 0);

    assertThat(amount(moved, AccountKind.TICKETS_REDEEMED)).isEqualTo(100);
    assertThat(amount(moved, AccountKind.RESERVE)).isEqualTo(-30);
    assertThat(amount(moved, AccountKind.DEPOSIT)).isEqualTo(-70);
  }

  @Test
  void aClaimCountsForItsOwnTransactionAndOnce() {
    of(BrokerEvent.Kind.RESERVE_CLAIMED, "0x1", 30, 0);

    assertThat(amount(of(BrokerEvent.Kind.TRANSFERRED, "0x2", 10, 0), AccountKind.RESERVE))
        .isZero();
    of(BrokerEvent.Kind.TRANSFERRED, "0x1", 100, 0);
    assertThat(amount(of(BrokerEvent.Kind.TRANSFERRED, "0x1", 100, 0), AccountKind.RESERVE))
        .isZero();
  }

  @Test
  void aWithdrawalTakesDepositAndReserve() {
    List<Posting> moved = of(BrokerEvent.Kind.WITHDRAWN, "0x1", 5, 3);

    assertThat(amount(moved, AccountKind.DEPOSIT)).isEqualTo(-5);
    assertThat(amount(moved, AccountKind.RESERVE)).isEqualTo(-3);
    assertThat(amount(moved, AccountKind.FUNDED)).isEqualTo(8);
  }

  @Test
  void whatEndsWithTheContractMovesNothing() {
    for (BrokerEvent.Kind kind :
        List.of(
            BrokerEvent.Kind.REDEEMED,
            BrokerEvent.Kind.UNLOCKED,
            BrokerEvent.Kind.UNLOCK_CANCELLED)) {
      assertThat(of(kind, "0x1", 9, 9)).isEmpty();
    }
  }
}
