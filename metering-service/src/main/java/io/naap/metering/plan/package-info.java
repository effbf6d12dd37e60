/**
 * Plans, price books, sponsors' budgets, and the plan of each tenant. A stored version of a plan or
 * price book never changes.
 */
package io.naap.metering.plan;
