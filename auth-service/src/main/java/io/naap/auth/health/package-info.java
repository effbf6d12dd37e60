/** Readiness: Postgres answers, is migrated and has the table of signing keys. */
package io.naap.auth.health;
