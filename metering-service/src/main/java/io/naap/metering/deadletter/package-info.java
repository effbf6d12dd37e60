/**
 * Stream entries that could not be stored. Of a usage stream each is an unpaid job, so it stays
 * open, and is counted, until a person has replayed or dismissed it.
 */
package io.naap.metering.deadletter;
