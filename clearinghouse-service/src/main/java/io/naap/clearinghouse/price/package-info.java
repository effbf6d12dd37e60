/** What an ether is worth in dollars: a figure the operator set, or a feed on the chain. */
package io.naap.clearinghouse.price;
