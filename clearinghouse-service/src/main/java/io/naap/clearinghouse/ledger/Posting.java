package io.naap.clearinghouse.ledger;

import java.math.BigInteger;

/**
 * A change of one account, as part of a {@link Journal}.
 *
 * @param amount above zero adds to the account
 */
public record Posting(AccountRef account, BigInteger amount) {}
