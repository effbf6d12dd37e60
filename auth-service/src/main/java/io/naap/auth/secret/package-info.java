/** Random secrets that are shown once; only their SHA-256 is stored. */
package io.naap.auth.secret;
