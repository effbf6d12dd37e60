/**
 * Payments: money that comes in for a tenant or goes back, sponsors' budgets, and reversals. Money
 * that comes in pays the tenant's debt first, the invoices due first; the rest is credit.
 */
package io.naap.clearinghouse.payment;
