package io.naap.router.admission;

import java.util.List;
import java.util.Map;

/** The store's answer to a {@link LeaseCall}. */
public sealed interface LeaseReply {
  /** Names the store's life; funding is asked for in its name. */
  String epoch();

  /** The store's clock in milliseconds; it never goes back. */
  long clock();

  /** The store is another one, or was emptied: nothing that was out counts any more. */
  record OtherEpoch(String epoch, long clock) implements LeaseReply {}

  /** The router was silent for longer than its lease: what it had kept is gone. */
  record Gone(String epoch, long clock) implements LeaseReply {}

  /**
   * What is out to this router.
   *
   * @param lastCall the last call that was done for it; -1 for none
   * @param out by subject, then by amount as the store names it: what is out
   * @param positions by subject: up to where its spending was reported
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
   * Done.
   *
   * @param recalled subjects others miss a share of
   * @param uncommitted when counters are not known: by router, up to where metering must have
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

  /** How it went with an account. */
  enum Status {
    OK,
    /** Counters are not known here yet: say where they begin. */
    SEED,
    /** The store is new and waits for all routers to report. */
    WAIT
  }

  /** One account, its amounts in the order of the call. */
  record Subject(String subject, Status status, List<Got> amounts) {}

  /**
   * One amount.
   *
   * @param granted on top of what the router had
   * @param kept the promise as recorded
   * @param taken used and out of all routers together; of money, what is left in the pool
   * @param resetMillis until more may be had; -1 for never
   * @param window the day or month it is for; empty when it has none
   * @param elsewhere out to other routers
   * @param total of money: all that was ever set aside
   * @param funding of money: its funding, empty when there is none yet
   */
  record Got(
      long granted,
      long kept,
      long taken,
      long resetMillis,
      String window,
      long elsewhere,
      long total,
      String funding) {}
}
