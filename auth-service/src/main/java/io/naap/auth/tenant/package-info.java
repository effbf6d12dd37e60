/**
 * Tenants and their members. The first sign-in of a wallet creates a user and a personal tenant.
 * Tenants, members and invitations are Panache entities; {@link io.naap.auth.tenant.Memberships} is
 * SQL by hand, because it is a part of the one locked transaction of a sign-in.
 */
package io.naap.auth.tenant;
