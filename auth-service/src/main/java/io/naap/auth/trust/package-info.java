/**
 * Which tokens are good, as every service is told: the keys that sign, and whose tokens are refused
 * before their time is over. It comes from Postgres alone, so it outlives Redis, and a service that
 * was away reads the whole of it when it is back.
 */
package io.naap.auth.trust;
