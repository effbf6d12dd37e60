/**
 * Sessions and their refresh tokens. Refresh tokens are opaque, stored as hashes and used once; a
 * second use ends the session.
 */
package io.naap.auth.session;
