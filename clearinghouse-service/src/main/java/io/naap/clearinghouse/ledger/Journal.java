package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One movement of money, to be booked.
 *
 * @param businessKey what it is about, unique for ever, for example {@code charge:<usage event>}
 * @param kind the part of the business key before the colon
 * @param lines sum to zero per currency; none for a charge of nothing
 */
public record Journal(
    String businessKey,
    String kind,
    Optional<String> tenantId,
    Instant occurredAt,
    String description,
    List<Line> lines) {
  public Journal {
    lines = List.copyOf(lines);
    Map<String, BigInteger> sums = new HashMap<>();
    for (Line line : lines) {
      sums.merge(line.account().kind().currency(), line.amount(), BigInteger::add);
    }
    if (sums.values().stream().anyMatch(sum -> sum.signum() != 0)) {
      throw new IllegalStateException("journal " + businessKey + " does not sum to zero");
    }
  }

  /** A change of one account; positive adds. */
  public record Line(AccountRef account, BigInteger amount) {}

  /** Collects lines and leaves the empty ones out. */
  public static final class Lines {
    private final List<Line> lines = new ArrayList<>();

    public Lines add(AccountRef account, BigInteger amount) {
      if (amount.signum() != 0) {
        lines.add(new Line(account, amount));
      }
      return this;
    }

    public Lines add(AccountRef account, NanoUsd amount) {
      return add(account, BigInteger.valueOf(amount.nanos()));
    }

    public List<Line> list() {
      return List.copyOf(lines);
    }

    /** One line an account, for journals of many movements. */
    public List<Line> summed() {
      Map<AccountRef, BigInteger> sums = new LinkedHashMap<>();
      lines.forEach(line -> sums.merge(line.account(), line.amount(), BigInteger::add));
      Lines summed = new Lines();
      sums.forEach(summed::add);
      return summed.list();
    }
  }
}
