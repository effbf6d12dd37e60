/**
 * Checks which pool tiers a key may name: those of its tenant's plan, which metering-service knows.
 * keys-service checks when a key is created or changed; the router checks again for every job, so a
 * tier that the plan loses is lost to all keys at once.
 */
package io.naap.keys.tier;
