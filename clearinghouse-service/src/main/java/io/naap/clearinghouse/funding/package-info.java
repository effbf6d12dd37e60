/**
 * Sets tenants' money aside for admission and returns what is idle. Answers are absolute totals, so
 * a lost answer or a repeated request moves nothing twice. The ledger is compared with Redis and
 * corrects it.
 */
package io.naap.clearinghouse.funding;
