/**
 * Sessions and their refresh tokens. Refresh tokens are opaque, stored as hashes and used once; a
 * second use ends the session. The list of sessions is read through Panache; opening, refreshing
 * and ending are SQL by hand, because each is one transaction whose locks must be in sight.
 */
package io.naap.auth.session;
