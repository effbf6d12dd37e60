package io.naap.router.admission.lease;

import io.naap.router.admission.quota.LeaseGrant;
import java.util.List;
import java.util.Map;

/** The answer of Redis to a {@link LeaseCall}. */
public sealed interface LeaseReply {
  /** The epoch of Redis; funding is asked for in its name. */
  String epoch();

  /** The clock of Redis in milliseconds; it never goes back. */
  long clock();

  /** Redis was restarted or emptied: nothing that was leased counts any more. */
  record OtherEpoch(String epoch, long clock) implements LeaseReply {}

  /** The router was silent for longer than its lease lasts: what it had kept is gone. */
  record Gone(String epoch, long clock) implements LeaseReply {}

  /**
   * What is out to this router.
   *
   * @param lastCall the last call that was done for it; -1 for none
   * @param out by subject and field: what is out
   * @param positions by subject: up to where its usage was reported
   */
  record Welcome(
      String epoch,
      long clock,
      String date,
      long tilDayMillis,
      long lastCall,
      Map<String, Map<String, Long>> out,
      Map<String, Long> positions)
      implements LeaseReply {}

  /**
   * The call was done.
   *
   * @param recalled subjects of which other routers lack quota
   * @param uncommitted where counters are not known: by router, up to where metering must have
   *     stored its usage before it is asked where they begin
   */
  record Done(
      String epoch,
      long clock,
      String date,
      long tilDayMillis,
      List<Subject> subjects,
      List<String> recalled,
      Map<String, Long> uncommitted)
      implements LeaseReply {}

  /** What became of a key or tenant. */
  enum Status {
    OK,
    /** Redis does not know its counters: it must be told where they begin. */
    SEED,
    /** The epoch is new, and Redis waits for all routers to report. */
    WAIT
  }

  /** One key or tenant; its grants are in the order of the call's wishes. */
  record Subject(String subject, Status status, List<LeaseGrant> grants) {}
}
