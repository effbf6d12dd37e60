/** Error responses of OAuth (RFC 6749 and RFC 8628). */
package io.naap.auth.oauth;
