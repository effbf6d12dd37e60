/**
 * What go-livepeer gateways ask the router, except about live streams, which are in {@code
 * io.naap.router.live}. A gateway proves itself with the secret in the path.
 */
package io.naap.router.hooks;
