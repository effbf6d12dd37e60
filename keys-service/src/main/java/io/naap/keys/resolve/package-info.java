/**
 * Whose key is it? A mistyped key costs no I/O; an unknown, disabled, expired or deleted one costs
 * the same work and gets the same answer.
 */
package io.naap.keys.resolve;
