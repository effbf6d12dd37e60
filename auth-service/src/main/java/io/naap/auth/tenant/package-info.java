/**
 * Tenants and their members. The first sign-in of a wallet creates a user and a personal tenant.
 */
package io.naap.auth.tenant;
