/**
 * What the router asks of the other services, and what they push to it. Answers are cached; a
 * pushed change drops the cached answer within a second. A malformed key is refused without I/O.
 * Calls to each service have one guard of SmallRye Fault Tolerance with a timeout, retries with
 * jitter, a circuit breaker and a bulkhead, configured by {@link
 * io.naap.router.neighbour.NeighbourConfig}.
 */
package io.naap.router.neighbour;
