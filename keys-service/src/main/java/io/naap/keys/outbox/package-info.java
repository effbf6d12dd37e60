/**
 * The outbox of keys-service. A change of a key or limit commits together with its event; the row
 * is deleted once Redis has the event.
 */
package io.naap.keys.outbox;
