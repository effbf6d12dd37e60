/**
 * What every service's tests need: real stores as child processes, tokens as auth-service issues
 * them, and the check that nothing is missing from a native executable. Shipped as a test jar.
 */
package io.naap.contracts.testing;
