/**
 * Who may ask the signer: callers from the configuration (gateways and tenants) and the tokens that
 * tenants create for their own programs. Postgres keeps only the SHA-256 hash of a token.
 */
package io.naap.clearinghouse.signer.tokens;
