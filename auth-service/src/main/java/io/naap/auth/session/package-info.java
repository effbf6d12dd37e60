/**
 * Sessions and their refresh tokens: opaque, stored hashed, used once; a second use ends the
 * session.
 */
package io.naap.auth.session;
