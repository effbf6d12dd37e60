/**
 * Resolves a presented key to its profile. A mistyped key costs no I/O; an unknown, disabled,
 * expired or deleted one costs the same work and gets the same response, so that responses reveal
 * nothing.
 */
package io.naap.keys.resolve;
