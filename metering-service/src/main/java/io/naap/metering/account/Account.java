package io.naap.metering.account;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.naap.contracts.money.NanoUsd;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a tenant is billed.
 *
 * @param cadence {@code calendar} months, or {@code anniversary} from
 * @param anchorDay this day of the month
 * @param anchorFrom since when, or from the end of which period on
 * @param termsDays from an invoice to its due date
 * @param creditLimit what a tenant that pays afterwards may owe; absent for no limit
 * @param lowBalance told below it
 * @param spendAlerts told when a period's jobs come to each of them
 * @param topUpBelow charged {@code topUpAmount} below it
 * @param standing {@code good}, {@code past_due} or {@code suspended}
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Account(
    String tenantId,
    String cadence,
    int anchorDay,
    Instant anchorFrom,
    int termsDays,
    String taxName,
    BigDecimal taxPercent,
    String billTo,
    Optional<NanoUsd> creditLimit,
    Optional<NanoUsd> lowBalance,
    List<NanoUsd> spendAlerts,
    Optional<NanoUsd> topUpBelow,
    Optional<NanoUsd> topUpAmount,
    String standing) {
  public Account {
    spendAlerts = List.copyOf(spendAlerts);
  }

  /** What the operator sets; what is absent stays. */
  public record Terms(
      Optional<String> cadence,
      Optional<Integer> anchorDay,
      Optional<Integer> termsDays,
      Optional<String> taxName,
      Optional<BigDecimal> taxPercent,
      Optional<String> billTo,
      Optional<NanoUsd> creditLimit) {
    public Terms {
      cadence = cadence == null ? Optional.empty() : cadence;
      anchorDay = anchorDay == null ? Optional.empty() : anchorDay;
      termsDays = termsDays == null ? Optional.empty() : termsDays;
      taxName = taxName == null ? Optional.empty() : taxName;
      taxPercent = taxPercent == null ? Optional.empty() : taxPercent;
      billTo = billTo == null ? Optional.empty() : billTo;
      creditLimit = creditLimit == null ? Optional.empty() : creditLimit;
    }
  }

  /** What the tenant sets; what is absent is off. */
  public record Alerts(
      Optional<NanoUsd> lowBalance,
      List<NanoUsd> spendAlerts,
      Optional<NanoUsd> topUpBelow,
      Optional<NanoUsd> topUpAmount) {
    public Alerts {
      lowBalance = lowBalance == null ? Optional.empty() : lowBalance;
      spendAlerts = spendAlerts == null ? List.of() : List.copyOf(spendAlerts);
      topUpBelow = topUpBelow == null ? Optional.empty() : topUpBelow;
      topUpAmount = topUpAmount == null ? Optional.empty() : topUpAmount;
    }
  }

  /**
   * What a tenant has, and how long it lasts.
   *
   * @param known false until the clearinghouse has told of any booking
   * @param burnPerDay the average of the last seven days
   * @param daysLeft of the credit at that rate, whole days; absent when nothing is spent
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record BalanceView(
      String tenantId,
      boolean known,
      NanoUsd credit,
      NanoUsd setAside,
      NanoUsd owed,
      NanoUsd spentToday,
      NanoUsd burnPerDay,
      Optional<Long> daysLeft) {}
}
