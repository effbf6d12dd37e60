package io.naap.router.admission;

import java.util.List;
import java.util.Map;

/**
 * What a router tells and asks the store, all of it or nothing of it done. Sent again with the same
 * number until it is answered.
 *
 * @param epoch the store's life as last known
 * @param freshEpoch the name of a new life, should the store be empty
 * @param number of this call; the store repeats its answer for the last one
 * @param uncommitted the last position of the spool that metering has not confirmed; 0 for none
 * @param since the store's clock at the last answer, for recalls
 * @param hello asks what the store has out to this router, and nothing else
 */
public record LeaseCall(
    String epoch,
    String freshEpoch,
    long number,
    long uncommitted,
    long since,
    boolean hello,
    List<Subject> subjects) {
  /** The same call, with another name for a new life of the store. */
  LeaseCall beginning(String freshEpoch) {
    return new LeaseCall(epoch, freshEpoch, number, uncommitted, since, hello, subjects);
  }

  /**
   * One account.
   *
   * @param position of the spool up to which spending is reported
   *     <p>What is not among its wishes, or only given back, the router may have served without
   *     counting it: such counters begin anew.
   * @param anew as {@code ;name;name;}: what it counts by now, and may have missed; empty, or
   *     {@code ;}, for nothing
   */
  public record Subject(
      String subject, long position, String anew, Map<String, Start> starts, List<Wish> wishes) {}

  /**
   * Where the counters of something begin, as metering has stored it.
   *
   * @param date the day that is meant, and by its month the month
   */
  public record Start(String date, long day, long month, long lifetime) {}

  /**
   * One amount.
   *
   * @param spent used for good since the last report; of what looks back a minute, {@code
   *     ageInSeconds:amount,...}
   * @param back given back
   * @param need at least this much more, if there is so much
   * @param want and this much on top, if there is plenty
   * @param kept of what is not given back, promised not to be touched before the answer
   * @param has all that is out to this router as it counts, this call's report included
   */
  public record Wish(
      String name,
      String window,
      long limit,
      String spent,
      long back,
      long need,
      long want,
      long kept,
      long has) {}
}
