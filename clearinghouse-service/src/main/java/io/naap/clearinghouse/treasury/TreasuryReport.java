package io.naap.clearinghouse.treasury;

import io.naap.contracts.money.Wei;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The money on the chain, as last seen.
 *
 * @param enabled whether the treasury acts, or only tells
 * @param paused why it does not, for now
 * @param round the last initialized one
 * @param blockLagSeconds how old the newest block was when it was last seen
 * @param runwayHours how long the deposit lasts at the last day's pace
 * @param planned what would be done now
 */
public record TreasuryReport(
    boolean enabled,
    Optional<String> paused,
    Optional<String> hotWallet,
    Optional<Wei> deposit,
    Optional<Wei> reserve,
    Optional<Wei> hotBalance,
    Optional<Wei> fundingBalance,
    Optional<Wei> gasPrice,
    Optional<Long> round,
    Optional<Long> blockLagSeconds,
    Optional<Long> runwayHours,
    List<String> alerts,
    List<Planned> planned) {
  public TreasuryReport {
    alerts = List.copyOf(alerts);
    planned = List.copyOf(planned);
  }

  /** Something that would be done. */
  public record Planned(String kind, String to, Wei value, String reason) {}

  /**
   * Something that is done.
   *
   * @param status {@code planned}, {@code signed}, {@code sent}, {@code confirmed}, {@code final}
   *     or {@code reverted}
   */
  public record Intent(
      String id,
      String kind,
      String status,
      String to,
      Wei value,
      Optional<Long> nonce,
      Optional<String> transactionHash,
      Optional<Wei> gasPaid,
      String reason,
      Instant createdAt) {}

  /** Some of them, the newest first. */
  public record IntentPage(List<Intent> data, String nextCursor) {
    public IntentPage {
      data = List.copyOf(data);
    }
  }
}
