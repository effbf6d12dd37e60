/**
 * Credit from one tenant to another: between a customer's own projects, which are tenants the
 * customer belongs to, or, by the operator, between any two.
 */
package io.naap.clearinghouse.transfer;
