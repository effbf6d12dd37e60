/**
 * The audit log as it leaves auth-service: entries that each hold the hash of the one before, and
 * the check that none was altered, removed or moved. Whoever has an export can run the check
 * without the platform.
 */
package io.naap.contracts.audit;
