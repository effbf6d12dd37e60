/**
 * Service accounts: programs of a tenant. Each has a role and a secret that is shown once, and
 * exchanges the secret for access tokens (client credentials, RFC 6749, section 4.4). Accounts are
 * Panache entities; the check of a secret is SQL by hand, because it is a sign-in.
 */
package io.naap.auth.serviceaccount;
