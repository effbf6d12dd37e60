package io.naap.clearinghouse.transfer;

import io.naap.clearinghouse.ledger.AccountRef;
import io.naap.clearinghouse.ledger.LedgerTransaction;
import io.naap.clearinghouse.payment.Payment;
import io.naap.clearinghouse.payment.Receipts;
import io.naap.contracts.money.NanoUsd;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Moves credit between tenants while both are locked. What arrives pays the debt of the receiver
 * first.
 */
@ApplicationScoped
class Transfers {
  private static final Duration DAY = Duration.ofDays(1);

  private final Receipts receipts;
  private final TransferConfig config;
  private final Clock clock;

  Transfers(Receipts receipts, TransferConfig config, Clock clock) {
    this.receipts = receipts;
    this.config = config;
    this.clock = clock;
  }

  /** The outcome of a transfer. */
  sealed interface Outcome {
    record Moved(Transfer transfer) implements Outcome {}

    /** The tenant has less free credit; nothing moved. */
    record InsufficientBalance() implements Outcome {}

    /**
     * Members have moved as much as they may in a day; nothing moved.
     *
     * @param left what they may still move
     */
    record OverLimit(NanoUsd left) implements Outcome {}
  }

  /**
   * Moves it.
   *
   * @param request that names both tenants
   * @param by stored with the payments
   * @param operator true when an operator moves it: then no limit holds
   */
  Outcome move(
      LedgerTransaction transaction, TransferRequest request, String by, boolean operator) {
    String from = request.fromTenantId();
    // Both tenants' locks in one call, as everywhere.
    transaction.lock(List.of(AccountRef.credit(from), AccountRef.credit(request.toTenantId())));
    NanoUsd left = left(transaction, from);
    if (!operator && left.compareTo(request.amount()) < 0) {
      return new Outcome.OverLimit(left);
    }
    AccountRef between = AccountRef.payable(from);
    Optional<Payment> out =
        receipts.out(
            transaction,
            money(from, operator ? "transfer_out" : "member_transfer_out", request, between, by),
            false);
    if (out.isEmpty()) {
      return new Outcome.InsufficientBalance();
    }
    return new Outcome.Moved(
        new Transfer(
            out.get(),
            receipts.in(
                transaction, money(request.toTenantId(), "transfer_in", request, between, by))));
  }

  private static Receipts.Money money(
      String tenant, String kind, TransferRequest request, AccountRef between, String by) {
    return new Receipts.Money(
        tenant, kind, request.amount(), between, request.reason(), by, Optional.empty());
  }

  /** What members may still move out of a tenant; asked under its lock. */
  private NanoUsd left(LedgerTransaction transaction, String from) {
    long moved =
        transaction
            .tx()
            .one(
                """
                select coalesce(sum(amount), 0)::bigint v from payment
                where tenant_id = $1 and kind = 'member_transfer_out' and created_at > $2""",
                from,
                clock.instant().minus(DAY).atOffset(ZoneOffset.UTC))
            .orElseThrow()
            .getLong("v");
    NanoUsd limit = NanoUsd.rounded(config.dailyLimitUsd());
    NanoUsd left = limit.minus(NanoUsd.ofNanos(moved));
    return left.isPositive() ? left : NanoUsd.ZERO;
  }
}
