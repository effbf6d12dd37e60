/** Transactions on Postgres in plain blocking style, for virtual threads. */
package io.naap.clearinghouse.store;
