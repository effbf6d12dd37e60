/**
 * Periodic tasks. One replica at a time runs a task, and a second run with nothing due changes
 * nothing.
 */
package io.naap.metering.job;
