/** Secrets print {@code [secret]}, wherever they are printed. */
package io.naap.contracts.secret;
