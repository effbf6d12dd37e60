/** Events of other services: remembered for ever by their id, acknowledged after the commit. */
package io.naap.metering.inbox;
