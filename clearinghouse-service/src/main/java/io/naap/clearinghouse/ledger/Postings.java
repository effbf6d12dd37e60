package io.naap.clearinghouse.ledger;

import io.naap.contracts.money.NanoUsd;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the postings of a journal; a posting of zero is left out. */
public final class Postings {
  private final List<Posting> postings = new ArrayList<>();

  public Postings add(AccountRef account, BigInteger amount) {
    if (amount.signum() != 0) {
      postings.add(new Posting(account, amount));
    }
    return this;
  }

  public Postings add(AccountRef account, NanoUsd amount) {
    return add(account, BigInteger.valueOf(amount.nanos()));
  }

  public List<Posting> list() {
    return List.copyOf(postings);
  }

  /** One posting for each account, for journals of many movements. */
  public List<Posting> summed() {
    Map<AccountRef, BigInteger> sums = new LinkedHashMap<>();
    postings.forEach(one -> sums.merge(one.account(), one.amount(), BigInteger::add));
    Postings summed = new Postings();
    sums.forEach(summed::add);
    return summed.list();
  }
}
