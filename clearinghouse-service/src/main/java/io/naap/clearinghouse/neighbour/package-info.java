/**
 * Guards calls to what this service depends on: the RPC node, which is also the source of the price
 * of ether, Stripe and auth-service. Each neighbour has one guard of SmallRye Fault Tolerance with
 * a timeout, retries with jitter, a circuit breaker and a bulkhead, configured by {@link
 * io.naap.clearinghouse.neighbour.NeighbourConfig}. Only calls that may be repeated are guarded:
 * reads, signed transactions (the bytes are the same), and Stripe's POSTs with an idempotency key.
 */
package io.naap.clearinghouse.neighbour;
