/**
 * Signing in on a device without a wallet (RFC 8628): the device shows a code, somebody who is
 * signed in approves it, and the device, which has been asking, gets a session of theirs.
 */
package io.naap.auth.device;
