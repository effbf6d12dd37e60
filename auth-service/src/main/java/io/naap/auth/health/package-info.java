/** Ready means: the store answers, is migrated, and a key to sign with is at hand. */
package io.naap.auth.health;
