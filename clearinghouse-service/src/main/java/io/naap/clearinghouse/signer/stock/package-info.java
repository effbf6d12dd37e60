/**
 * The webhook of a stock go-livepeer signer, for operators who keep theirs: it asks whether it may
 * sign, and the tenant pays a fee that is computed from the time since the last question.
 */
package io.naap.clearinghouse.signer.stock;
