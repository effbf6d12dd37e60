/**
 * Forward authorization for other gateways, which ask before they forward a request: nginx
 * auth_request, Traefik forwardAuth, Envoy ext_authz. The key is the credential; a response costs
 * at most one read from Postgres.
 */
package io.naap.keys.authz;
