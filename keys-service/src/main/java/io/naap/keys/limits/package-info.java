/**
 * Limits over all keys of a tenant: a ceiling set by the operator, and the tenant's own limits
 * below it. A change is published as a change of every key of the tenant.
 */
package io.naap.keys.limits;
