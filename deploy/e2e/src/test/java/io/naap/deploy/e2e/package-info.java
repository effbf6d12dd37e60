/**
 * Promises of the whole platform, held over started processes: real stores, the simulator, the five
 * services and the origin, called by a standard HTTP client.
 */
package io.naap.deploy.e2e;
