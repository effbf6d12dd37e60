/**
 * Events on Redis Streams, one record each, and the names of the streams. A record only ever gains
 * optional components; consumers ignore what they do not know and remember every {@code eventId}.
 */
package io.naap.contracts.events;
