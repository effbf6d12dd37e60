/**
 * {@code ./naap bench router}: the router beside five peers, in one run, on one machine, in front
 * of one upstream. Peers are ordinary packages, started here as their documentation says; what they
 * do for a request is in the comment of their configuration under {@code deploy/bench/peers}. The
 * router does all of it: key, rates, a cap, money held and settled, a durable usage event.
 *
 * <p>Rounds alternate, so that what else happens on the machine hits all alike; a figure is the
 * median of its rounds.
 */
package io.naap.deploy.bench.router;
