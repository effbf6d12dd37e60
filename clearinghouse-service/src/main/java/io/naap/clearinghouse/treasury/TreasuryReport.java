package io.naap.clearinghouse.treasury;

import io.naap.contracts.money.Wei;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The money on the chain, as last seen.
 *
 * @param enabled whether the treasury acts, or only tells
 * @param fundingUsdc of the funding wallet, in millionths
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
    Optional<String> fundingWallet,
    Optional<Wei> fundingBalance,
    Optional<String> fundingUsdc,
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

  /**
   * Something that would be done.
   *
   * @param kind {@code fund}, {@code fill_hot}, {@code approve}, {@code swap}, {@code sweep_gas} or
   *     {@code sweep}
   */
  public record Planned(String kind, String to, Wei value, String reason) {}

  /**
   * Addresses that are to be emptied.
   *
   * @param signedHere false when the addresses' keys are not here: then nothing is sent, and
   *     whoever has them signs what is told
   * @param to the treasury's address; nothing is swept without one
   */
  public record Sweeps(boolean signedHere, Optional<String> to, List<Sweep> data) {
    public Sweeps {
      data = List.copyOf(data);
    }
  }

  /**
   * An address to be emptied.
   *
   * @param path of its key, BIP-44
   * @param amount of USDC, in millionths
   * @param missingEther that the address needs first, for gas
   */
  public record Sweep(
      String path,
      String from,
      String tenantId,
      String amount,
      Wei ether,
      Wei missingEther,
      Unsigned unsigned) {}

  /**
   * A transaction without nonce, fees and signature.
   *
   * @param to the token
   * @param data {@code 0x} hexadecimal
   */
  public record Unsigned(long chainId, String to, Wei value, String data, long gasLimit) {}

  /**
   * Something that is done.
   *
   * @param status {@code planned}, {@code signed}, {@code sent}, {@code confirmed}, {@code final},
   *     {@code reverted}, {@code replaced} by a transaction that is not ours, or {@code expired}
   *     before it was signed
   * @param tokenAmount of USDC that it moves, in millionths
   */
  public record Intent(
      String id,
      String kind,
      String status,
      String from,
      String to,
      Wei value,
      String tokenAmount,
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
