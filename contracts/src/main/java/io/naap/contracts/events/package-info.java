/**
 * Events on Redis Streams, one record each, and the names of the streams. Records only ever gain
 * optional components. Consumers ignore unknown fields and process each {@code eventId} once.
 */
package io.naap.contracts.events;
