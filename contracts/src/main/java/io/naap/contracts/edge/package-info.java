/**
 * Runs before everything else on each HTTP request: assigns the request id, refuses ambiguous
 * paths, and limits headers, bodies and connections.
 */
package io.naap.contracts.edge;
