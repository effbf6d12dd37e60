/**
 * Repairs of usage by an operator: a quarantined event is patched and rated again; a wrong event is
 * reversed and replaced by new events.
 */
package io.naap.metering.correction;
