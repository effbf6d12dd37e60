/** Errors of OAuth as RFC 6749 and RFC 8628 write them. */
package io.naap.auth.oauth;
