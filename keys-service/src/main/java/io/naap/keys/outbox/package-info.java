/** Events are stored with the change they announce and published in order, at least once. */
package io.naap.keys.outbox;
