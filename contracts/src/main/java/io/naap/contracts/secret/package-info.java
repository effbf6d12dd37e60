/** Wraps secrets so that logs and messages print {@code [secret]}. */
package io.naap.contracts.secret;
