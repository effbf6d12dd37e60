package io.naap.clearinghouse.transfer;

import io.naap.clearinghouse.payment.Payment;

/** Both sides of a transfer. */
public record Transfer(Payment out, Payment in) {}
