/** The price of ether in dollars: fixed by the operator, or read from a feed on the chain. */
package io.naap.clearinghouse.price;
