/**
 * What was used and what it costs. Every usage event is stored once, rated with the price that was
 * in force, counted, and announced as a charge, in one transaction; nothing is ever dropped.
 */
package io.naap.metering;
