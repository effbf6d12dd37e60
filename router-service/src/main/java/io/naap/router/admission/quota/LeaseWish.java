package io.naap.router.admission.quota;

/**
 * What this router tells Redis about one lease, and asks for.
 *
 * @param name of the amount, as in {@link QuotaLease#name}
 * @param window the day or month that the router has it for; empty when it has none
 * @param limit of now; -1 when nothing limits it any more
 */
public record LeaseWish(String name, String window, long limit, Told told, Asked asked) {
  /**
   * What Redis is told.
   *
   * @param spent used for good since the last report; of an amount per minute, {@code
   *     ageInSeconds:amount,...}
   * @param back given back
   * @param has all that is out to this router as the router counts, this report included
   */
  public record Told(String spent, long back, long has) {}

  /**
   * What Redis is asked for.
   *
   * @param need at least this much more, if there is so much
   * @param want and this much on top, if there is plenty
   * @param kept of what is not given back, promised not to be touched before Redis answers
   */
  public record Asked(long need, long want, long kept) {}
}
