/**
 * Sets tenants' money aside for admission. Answers are absolute totals, so a lost answer or a
 * repeated question moves nothing twice.
 */
package io.naap.clearinghouse.funding;
