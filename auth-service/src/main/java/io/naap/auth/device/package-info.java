/**
 * Signing in on a device without a wallet (RFC 8628). The device shows a user code and polls for
 * tokens; a person who is signed in approves the code, and the device gets a session of theirs.
 */
package io.naap.auth.device;
