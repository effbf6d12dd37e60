/**
 * A test double of what cannot be downloaded: a go-livepeer gateway's public paths, an
 * orchestrator's payment side, and the few answers of a chain that a signer asks for. It follows
 * go-livepeer's shapes, defaults and hazards as they were read from its source; it does no AI,
 * moves no video and settles nothing. Nothing in the services knows of it.
 */
package io.naap.deploy.simulator;
