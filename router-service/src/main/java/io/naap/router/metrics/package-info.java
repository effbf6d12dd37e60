/** What the router counts and times: every refusal by reason, and no ids in labels. */
package io.naap.router.metrics;
