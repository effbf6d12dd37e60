/**
 * Programs of a tenant: each has a role and a secret that is shown once, and trades it for access
 * tokens (client credentials, RFC 6749, section 4.4).
 */
package io.naap.auth.serviceaccount;
