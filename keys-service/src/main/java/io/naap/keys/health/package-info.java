/** Ready means: the store answers and is migrated. */
package io.naap.keys.health;
