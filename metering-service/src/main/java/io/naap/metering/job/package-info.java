/**
 * Work that is done now and then, by one replica at a time, and that does nothing when it is done
 * twice.
 */
package io.naap.metering.job;
