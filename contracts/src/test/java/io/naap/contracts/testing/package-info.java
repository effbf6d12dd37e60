/**
 * Helpers for the tests of all services: real stores and a real EVM as child processes, tokens like
 * those of auth-service, and checks for native executables. Shipped as a test jar.
 */
package io.naap.contracts.testing;
