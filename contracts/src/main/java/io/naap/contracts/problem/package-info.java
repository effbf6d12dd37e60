/**
 * Errors as RFC 9457 problems with {@code code}, {@code request_id} and, for limits, {@code
 * violated-policies}. The detail says what to change and reveals nothing internal.
 */
package io.naap.contracts.problem;
