/**
 * How a service keeps what it promises, written once. Promises: work in {@link
 * io.naap.store.Transactions} is committed whole or not at all; an event leaves after, and because,
 * the transaction that made it has committed ({@link io.naap.store.outbox}); a POST takes effect
 * once per Idempotency-Key ({@link io.naap.store.idempotency}); an entry of a stream is
 * acknowledged after its effect is committed and read again until then ({@link
 * io.naap.store.stream}).
 *
 * <p>A class belongs here only if two services must do the very same thing with Postgres or Redis
 * to keep one of these promises. What it stores, and when, stays with the service; so do the
 * tables, which README.md names.
 */
package io.naap.store;
