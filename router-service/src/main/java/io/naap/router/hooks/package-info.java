/**
 * What go-livepeer gateways ask of us, beside the streams of {@code io.naap.router.live}. A gateway
 * proves itself with the secret in the path.
 */
package io.naap.router.hooks;
