package io.naap.clearinghouse.payment;

/** A journal, and the one that undid it. */
public record Reversal(String journalId, String reversedBy) {}
