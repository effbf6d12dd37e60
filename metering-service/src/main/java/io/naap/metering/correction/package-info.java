/**
 * Usage that a person puts right: a quarantined event is repaired and rated again, a wrong one is
 * taken back and replaced. Each change is a new event; nothing that was stored is overwritten.
 */
package io.naap.metering.correction;
