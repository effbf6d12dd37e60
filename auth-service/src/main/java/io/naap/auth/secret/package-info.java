/** Random secrets that are handed out once; only their SHA-256 is stored. */
package io.naap.auth.secret;
