/**
 * Reads events of other services from Redis streams. An entry is acknowledged after the commit of
 * its events; the ids of events that must take effect once are kept for ever.
 */
package io.naap.metering.inbox;
