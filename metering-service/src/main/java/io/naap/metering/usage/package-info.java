/**
 * Queries of usage: sums by time, key, capability and more, the events behind every sum, and
 * exports.
 */
package io.naap.metering.usage;
