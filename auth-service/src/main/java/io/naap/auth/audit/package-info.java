/**
 * The audit log: who did what, when and from which address. An entry commits in the transaction of
 * the change that it describes and holds the hash of the entry before; Postgres refuses to change
 * entries. SQL by hand, because entries are chained under one lock.
 */
package io.naap.auth.audit;
