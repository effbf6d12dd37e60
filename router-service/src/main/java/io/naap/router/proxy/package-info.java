/**
 * Takes jobs to a gateway and back. A job is authorized and admitted before it is forwarded,
 * streamed with back-pressure both ways, never sent twice once a byte of it was sent, and recorded
 * before the client gets the last byte of the answer. {@link io.naap.router.proxy.ExchangeState}
 * has the states of a forwarded job.
 */
package io.naap.router.proxy;
