package io.naap.clearinghouse.treasury;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.money.Wei;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The money on the chain, as last observed.
 *
 * @param enabled false when the treasury only shows what it would do
 * @param paused why the treasury is paused; absent when it is not
 * @param planned what the treasury would do now
 */
public record TreasuryReport(
    boolean enabled,
    Optional<String> paused,
    @JsonUnwrapped Balances balances,
    @JsonUnwrapped Network network,
    List<String> alerts,
    List<Planned> planned) {
  public TreasuryReport {
    alerts = List.copyOf(alerts);
    planned = List.copyOf(planned);
  }

  /**
   * Deposit, reserve and wallets.
   *
   * @param fundingUsdc of the funding wallet, in millionths
   */
  public record Balances(
      Optional<String> hotWallet,
      Optional<Wei> deposit,
      Optional<Wei> reserve,
      Optional<Wei> hotBalance,
      Optional<String> fundingWallet,
      Optional<Wei> fundingBalance,
      Optional<String> fundingUsdc) {}

  /**
   * The network.
   *
   * @param round the last initialized one
   * @param blockLagSeconds the age of the newest block when it was last observed
   * @param runwayHours how long the deposit lasts at the last day's pace
   */
  public record Network(
      Optional<Wei> gasPrice,
      Optional<Long> round,
      Optional<Long> blockLagSeconds,
      Optional<Long> runwayHours) {}

  /**
   * An intent that the treasury would plan.
   *
   * @param kind {@code fund}, {@code fill_hot}, {@code approve}, {@code swap}, {@code sweep_gas} or
   *     {@code sweep}
   */
  public record Planned(String kind, String to, Wei value, String reason) {}

  /**
   * The deposit addresses to be swept.
   *
   * @param signedHere false when this service does not have the addresses' keys: then nothing is
   *     sent, and the holder of the keys signs these transactions
   * @param to the treasury's address; nothing is swept without one
   */
  public record Sweeps(boolean signedHere, Optional<String> to, List<Sweep> data) {
    public Sweeps {
      data = List.copyOf(data);
    }
  }

  /**
   * A deposit address to be swept.
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
   * An intent.
   *
   * @param status {@code planned}, {@code signed}, {@code sent}, {@code confirmed}, {@code final},
   *     {@code reverted}, {@code replaced} by a transaction that is not ours, or {@code expired}
   *     before it was signed
   */
  public record Intent(
      String id,
      String kind,
      String status,
      @JsonUnwrapped Movement movement,
      @JsonUnwrapped OnChain onChain,
      String reason,
      Instant createdAt) {}

  /**
   * What an intent moves.
   *
   * @param tokenAmount of USDC, in millionths
   */
  public record Movement(String from, String to, Wei value, String tokenAmount) {}

  /** What the chain has of an intent. */
  public record OnChain(
      Optional<Long> nonce, Optional<String> transactionHash, Optional<Wei> gasPaid) {}
}
