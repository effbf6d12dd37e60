/**
 * A key that somebody presents: whose it is and whether it may be used. A mistyped key costs no
 * I/O; an unknown, disabled, expired, deleted or wrong one costs the same work.
 */
package io.naap.keys.presented;
