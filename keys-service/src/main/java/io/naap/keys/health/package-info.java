/**
 * Readiness: Postgres answers and is migrated. It counts with one SQL statement, without a session
 * of Hibernate.
 */
package io.naap.keys.health;
