/** Tenants and who belongs to them. The first sign-in makes a user and a tenant of their own. */
package io.naap.auth.tenant;
