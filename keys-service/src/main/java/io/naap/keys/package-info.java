/**
 * Stores every tenant's API keys with their limits, caps and scopes. Shows a key once and stores
 * only a keyed hash of its secret, resolves keys for routers, and announces every change in the
 * transaction that makes it.
 */
package io.naap.keys;
