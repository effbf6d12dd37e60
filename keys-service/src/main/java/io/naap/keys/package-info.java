/**
 * What a key may do. Holds every tenant's API keys with their limits, caps and scopes; shows a key
 * once and keeps only a keyed hash of its secret; tells routers whose key they were shown; and
 * announces every change in the transaction that makes it.
 */
package io.naap.keys;
