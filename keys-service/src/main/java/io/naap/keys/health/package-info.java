/** Readiness: Postgres answers and is migrated. */
package io.naap.keys.health;
