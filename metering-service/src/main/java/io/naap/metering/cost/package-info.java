/**
 * What jobs cost the operator on the network: by the operator's cost book, and by the tickets the
 * clearinghouse signed.
 */
package io.naap.metering.cost;
