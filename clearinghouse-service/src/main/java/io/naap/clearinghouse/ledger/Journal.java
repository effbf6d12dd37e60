package io.naap.clearinghouse.ledger;

import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One movement of money between accounts of the ledger.
 *
 * @param businessKey names the movement and is unique for ever, for example {@code charge:<usage
 *     event>}
 * @param kind the part of the business key before the colon
 * @param postings sum to zero per currency; none for a charge of nothing
 */
public record Journal(
    String businessKey,
    String kind,
    Optional<String> tenantId,
    Instant occurredAt,
    String description,
    List<Posting> postings) {
  public Journal {
    postings = List.copyOf(postings);
    Map<String, BigInteger> sums = new HashMap<>();
    for (Posting posting : postings) {
      sums.merge(posting.account().kind().currency(), posting.amount(), BigInteger::add);
    }
    if (sums.values().stream().anyMatch(sum -> sum.signum() != 0)) {
      throw new IllegalStateException("journal " + businessKey + " does not sum to zero");
    }
  }
}
