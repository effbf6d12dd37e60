/**
 * Which pool tiers a key may name: those of its tenant's plan, which metering-service knows. Asked
 * when a key that names a tier is made or changed; the router holds it again at every job, so a
 * plan that loses a tier takes it from all keys at once.
 */
package io.naap.keys.tier;
