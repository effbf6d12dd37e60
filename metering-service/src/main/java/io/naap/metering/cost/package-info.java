/** What the network costs: the operator's cost book by pool, and what tickets really came to. */
package io.naap.metering.cost;
