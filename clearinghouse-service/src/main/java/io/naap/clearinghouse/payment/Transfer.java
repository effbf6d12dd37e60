package io.naap.clearinghouse.payment;

/** Both sides of a transfer. */
public record Transfer(Payment out, Payment in) {}
