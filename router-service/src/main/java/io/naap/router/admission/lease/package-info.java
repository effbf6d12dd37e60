/**
 * How this router leases quota from Redis: one call at a time reports what was used, gives back
 * what is not, and asks for more. A call whose answer was lost is sent again under the same number
 * and does nothing twice.
 *
 * <p>An epoch is the time in which one Redis process remembers what is leased. After a restart or a
 * failover a new epoch begins, in which nothing is leased to anybody.
 */
package io.naap.router.admission.lease;
