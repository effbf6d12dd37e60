/**
 * Format of the audit log that auth-service exports. Each entry holds the hash of the entry before
 * it, and {@link io.naap.contracts.audit.AuditChain} detects entries that were altered, removed or
 * moved. The check needs only the export, not the platform.
 */
package io.naap.contracts.audit;
