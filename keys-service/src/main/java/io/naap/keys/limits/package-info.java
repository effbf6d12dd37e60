/**
 * Limits over all keys of a tenant: a ceiling that the operator sets, and the tenant's own below
 * it. Every change reaches routers as a change of every key of the tenant.
 */
package io.naap.keys.limits;
