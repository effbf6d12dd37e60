/**
 * Errors as RFC 9457 problems: {@code code}, {@code request_id} and, for limits, {@code
 * violated-policies}. A detail says what to change; nothing internal leaves.
 */
package io.naap.contracts.problem;
