/** Metrics of auth-service: sign-ins, and refusals by reason. No ids in labels. */
package io.naap.auth.metrics;
