/**
 * What must never happen to the money on the chain, tried often: the service as installed, a real
 * EVM, a node in between that lies, and kills and reorganisations on the way.
 */
package io.naap.deploy.bench.treasury;
