/** Transactions on Postgres in plain blocking style, for virtual threads. */
package io.naap.auth.store;
