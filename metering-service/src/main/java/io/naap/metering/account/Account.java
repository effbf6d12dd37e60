package io.naap.metering.account;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.naap.contracts.money.NanoUsd;
import io.naap.contracts.rating.Standing;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The billing settings of a tenant. In JSON the fields of all parts form one flat object.
 *
 * @param creditLimit the most a postpaid tenant may owe, final invoices and usage not yet invoiced
 *     together; absent for no limit
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Account(
    String tenantId,
    @JsonUnwrapped Cadence periods,
    @JsonUnwrapped Invoicing invoicing,
    Optional<NanoUsd> creditLimit,
    @JsonUnwrapped Alerts alerts,
    Standing standing) {
  /**
   * When the tenant's periods begin.
   *
   * @param cadence {@code calendar} for calendar months, or {@code anniversary} for months that
   *     begin at {@code anchorDay}
   * @param anchorDay the day of the month at which the periods begin, 1 to 31
   * @param anchorFrom the start of the first period to which {@code anchorDay} applies; may be in
   *     the future
   */
  public record Cadence(String cadence, int anchorDay, Instant anchorFrom) {}

  /**
   * What is on the tenant's invoices.
   *
   * @param termsDays days from an invoice's finalization to its due date
   */
  public record Invoicing(int termsDays, String taxName, BigDecimal taxPercent, String billTo) {}

  /** The settings an operator may change. An absent field keeps its value. */
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

  /**
   * The alerts and the automatic top-up a tenant may set. An absent field turns that one off.
   *
   * @param lowBalance the balance below which the tenant gets a {@code balance.low} webhook event
   * @param spendAlerts amounts; the tenant gets a {@code usage.threshold} webhook event when the
   *     cost of a period's jobs reaches one
   * @param topUpBelow the balance below which the tenant is charged {@code topUpAmount}
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
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
   * The balance of a tenant, and how many days it lasts at the current rate of spending.
   *
   * @param known false until the clearinghouse has sent the first balance of this tenant
   * @param burnPerDay the cost of the last seven days, divided by seven
   * @param daysLeft whole days until {@code credit + setAside - owed} is used up at that rate;
   *     absent when the rate is zero
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
