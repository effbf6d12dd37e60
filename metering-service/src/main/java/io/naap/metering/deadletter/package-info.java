/**
 * Dead letters: stream entries that could not be stored. One of a usage stream is a job that is not
 * charged, so it stays open and in the metrics until an operator replays or dismisses it.
 */
package io.naap.metering.deadletter;
