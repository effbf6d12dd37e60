package io.naap.clearinghouse.balance;

import io.naap.contracts.money.NanoUsd;

/**
 * A tenant's money: {@code balance = available + set_aside - owed}.
 *
 * @param available free to be spent
 * @param setAside waiting for the charges of admitted jobs
 * @param owed used beyond the money there was
 */
public record Balance(
    String tenantId, NanoUsd balance, NanoUsd available, NanoUsd setAside, NanoUsd owed) {
  static Balance of(String tenantId, NanoUsd available, NanoUsd setAside, NanoUsd owed) {
    return new Balance(tenantId, available.plus(setAside).minus(owed), available, setAside, owed);
  }
}
