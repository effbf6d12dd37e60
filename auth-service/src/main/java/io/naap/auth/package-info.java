/**
 * Who is calling. Signs people in with their wallets, issues and refreshes tokens, keeps tenants
 * and memberships, and lets services call each other. A nonce, a message and a refresh token are
 * each accepted once.
 */
package io.naap.auth;
