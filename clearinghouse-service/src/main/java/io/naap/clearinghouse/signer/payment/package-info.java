/**
 * The stages of one payment: read, judge, record, sign. {@link LivePayments} runs them in this
 * order.
 */
package io.naap.clearinghouse.signer.payment;
