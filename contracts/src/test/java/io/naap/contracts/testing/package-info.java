/**
 * What every service's tests need: real stores and a real EVM as child processes, tokens as
 * auth-service issues them, and the check that nothing is missing from a native executable. Shipped
 * as a test jar.
 */
package io.naap.contracts.testing;
