/**
 * May this request pass? For gateways that ask before they forward: nginx auth_request, Traefik
 * forwardAuth, Envoy ext_authz. The key is the credential; an answer costs at most one read.
 */
package io.naap.keys.authz;
