package io.naap.clearinghouse.charge;

import io.naap.contracts.events.FeeCharged;
import io.naap.contracts.events.Sponsored;
import io.naap.contracts.money.NanoUsd;
import io.naap.store.Tx;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The refunds of jobs. A job is refunded once: by a correction of its usage, or by a reversal of
 * the journal that charged it. The tenant's credit account must be locked.
 */
public final class JobRefunds {
  private final Tx tx;
  private final Set<String> before = new HashSet<>();
  private final Map<FeeCharged, String> journals = new LinkedHashMap<>();
  private final Map<String, FeeCharged> corrected = new HashMap<>();

  private JobRefunds(Tx tx) {
    this.tx = tx;
  }

  static JobRefunds of(Tx tx, List<FeeCharged> fees) {
    JobRefunds refunds = new JobRefunds(tx);
    String[] jobs =
        fees.stream().flatMap(fee -> fee.usageEventId().stream()).toArray(String[]::new);
    if (jobs.length > 0) {
      tx.query(
              "select usage_event_id from job_refund where usage_event_id = any($1)", (Object) jobs)
          .forEach(row -> refunds.before.add(row.getString(0)));
    }
    return refunds;
  }

  /**
   * True when the job of a fee was refunded before; {@link #store} then stores that it was also
   * corrected.
   */
  boolean isGivenBack(FeeCharged fee) {
    if (fee.usageEventId().isEmpty()) {
      return false;
    }
    String job = fee.usageEventId().get();
    if (before.contains(job)) {
      corrected.putIfAbsent(job, fee);
      return true;
    }
    before.add(job);
    return false;
  }

  /** Adds a correction that was booked. */
  void add(FeeCharged fee, String journalId) {
    if (fee.usageEventId().isPresent()) {
      journals.put(fee, journalId);
    }
  }

  /** Stores the refunds; call it after the journals are written. */
  void store() {
    if (!journals.isEmpty()) {
      List<FeeCharged> fees = List.copyOf(journals.keySet());
      tx.change(
          """
          insert into job_refund (usage_event_id, journal_id, kind, tenant_id, amount, sponsored, rated_at)
          select e, j, 'correction', t, a, s, r from unnest($1::text[], $2::text[], $3::text[],
            $4::bigint[], $5::bigint[], $6::timestamptz[]) x(e, j, t, a, s, r)""",
          fees.stream().map(fee -> fee.usageEventId().orElseThrow()).toArray(String[]::new),
          journals.values().toArray(String[]::new),
          fees.stream().map(FeeCharged::tenantId).toArray(String[]::new),
          fees.stream().map(fee -> fee.amount().negated().nanos()).toArray(Long[]::new),
          fees.stream()
              .map(fee -> fee.sponsored().map(Sponsored::amount).orElse(NanoUsd.ZERO).nanos())
              .toArray(Long[]::new),
          fees.stream()
              .map(fee -> fee.occurredAt().atOffset(ZoneOffset.UTC))
              .toArray(OffsetDateTime[]::new));
    }
    corrected.forEach(
        (job, fee) ->
            tx.change(
                "update job_refund set rated_at = $2 where usage_event_id = $1 and rated_at is null",
                job,
                fee.occurredAt().atOffset(ZoneOffset.UTC)));
  }

  /**
   * Refunds all jobs of a journal that is reversed.
   *
   * @return ids of jobs that were refunded before; then nothing is stored
   */
  public static List<String> reverse(Tx tx, String journalId, String reversedBy) {
    List<String> before = givenBack(tx, journalId);
    if (before.isEmpty()) {
      tx.change(
          """
          insert into job_refund (usage_event_id, journal_id, kind, tenant_id, amount, sponsored)
          select usage_event_id, $2, 'reversal', tenant_id, amount, sponsored from charge where journal_id = $1""",
          journalId,
          reversedBy);
    }
    return before;
  }

  /** The first hundred jobs of a journal that are refunded. */
  public static List<String> givenBack(Tx tx, String journalId) {
    return tx
        .query(
            """
            select usage_event_id from job_refund where journal_id = $1
            union select r.usage_event_id from charge c join job_refund r using (usage_event_id)
            where c.journal_id = $1 order by 1 limit 100""",
            journalId)
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }
}
