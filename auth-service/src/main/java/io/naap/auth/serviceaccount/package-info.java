/**
 * Service accounts: programs of a tenant. Each has a role and a secret that is shown once, and
 * exchanges the secret for access tokens (client credentials, RFC 6749, section 4.4).
 */
package io.naap.auth.serviceaccount;
