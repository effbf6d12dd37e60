/**
 * Kill switches: an operator stops signing for the platform, a tenant, a caller or an orchestrator.
 * A switch holds on every instance as soon as its row is committed.
 */
package io.naap.clearinghouse.signer.killswitch;
