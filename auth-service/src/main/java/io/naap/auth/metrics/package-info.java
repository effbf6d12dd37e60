/** What auth-service counts: sign-ins, tokens and every refusal by reason. No ids in labels. */
package io.naap.auth.metrics;
