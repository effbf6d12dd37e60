package io.naap.router.admission;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** A tenant's account and those of its keys. Its monitor guards all of them. */
final class TenantQuotas {
  final String id;
  final SubjectQuotas account;
  final QuotaLease money;
  final Map<String, SubjectQuotas> keys = new HashMap<>();

  /** Jobs that wait for the store's answer, in the order they came. */
  final Deque<PendingAdmission> waiting = new ArrayDeque<>();

  String fundingId = "";
  long total;
  long inPool;

  /** The ledger had nothing more; null when it was not asked or had. */
  private volatile Long emptyUntilNanos;

  /** Dropped from the book: whoever still has it looks it up again. */
  boolean dropped;

  TenantQuotas(String id, long position) {
    this.id = id;
    this.account = new SubjectQuotas(this, "t:" + id, position);
    this.money = QuotaLease.ofMoney(account);
    account.shares.put(money.name, money);
  }

  /** By the clock that is never set: a top-up is not to wait for one that was. */
  void emptyUntil(long nanos) {
    emptyUntilNanos = nanos;
  }

  /** The ledger was asked a moment ago. */
  boolean isEmpty(long nanos) {
    Long until = emptyUntilNanos;
    return until != null && until - nanos > 0;
  }

  SubjectQuotas key(String keyId, long position) {
    SubjectQuotas known = keys.get(keyId);
    if (known == null) {
      known = new SubjectQuotas(this, "k:" + keyId, position);
      keys.put(keyId, known);
    }
    return known;
  }
}
