/**
 * Reads stream entries as events: each event is taken once, and an unreadable entry becomes a dead
 * letter.
 */
package io.naap.clearinghouse.stream;
