/**
 * The trust document: which keys sign tokens, and whose tokens are refused before they expire. It
 * is read from Postgres alone, so it works while Redis is unreachable, and a service that was
 * disconnected reads the whole document afterwards.
 */
package io.naap.auth.trust;
