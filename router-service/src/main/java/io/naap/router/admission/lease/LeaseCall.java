package io.naap.router.admission.lease;

import io.naap.router.admission.quota.CounterSeed;
import io.naap.router.admission.quota.LeaseWish;
import java.util.List;
import java.util.Map;

/**
 * What a router tells Redis and asks of it; all of it is done, or nothing. It is sent again with
 * the same number until it is answered.
 *
 * @param epoch of Redis as last known
 * @param freshEpoch the name of a new epoch, should Redis be empty
 * @param number of this call; Redis repeats its answer to the last one
 * @param uncommitted the last position of the spool that metering has not confirmed; 0 for none
 * @param since the clock of Redis at its last answer, for recalls
 * @param hello asks what is leased to this router, and nothing else
 */
public record LeaseCall(
    String epoch,
    String freshEpoch,
    long number,
    long uncommitted,
    long since,
    boolean hello,
    List<Subject> subjects) {
  /** The same call, with another name for a new epoch. */
  LeaseCall beginning(String freshEpoch) {
    return new LeaseCall(epoch, freshEpoch, number, uncommitted, since, hello, subjects);
  }

  /**
   * One key or tenant. What is not among its wishes, or is only given back, the router may have
   * served without counting it: such counters begin anew.
   *
   * @param position of the spool up to which usage is reported
   * @param anew as {@code ;name;name;}: what it counts by now and may have missed; empty, or {@code
   *     ;}, for nothing
   * @param starts where counters begin, by what is counted
   */
  public record Subject(
      String subject,
      long position,
      String anew,
      Map<String, CounterSeed.Start> starts,
      List<LeaseWish> wishes) {}
}
