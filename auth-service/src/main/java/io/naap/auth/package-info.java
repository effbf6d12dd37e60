/**
 * Authenticates callers: signs people in with their wallets, issues and refreshes tokens, stores
 * tenants and memberships, and issues the tokens that services call each other with. A nonce, a
 * signed message and a refresh token are each accepted once.
 */
package io.naap.auth;
