package io.naap.router.admission.quota;

import io.naap.router.limit.Policy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The leases of a tenant and of its keys. {@link QuotaTable} takes the lock of this object, which
 * guards all of them.
 */
public final class TenantQuotas {
  private final String id;
  private final SubjectQuotas subject;
  private final QuotaLease money;
  private final Map<String, SubjectQuotas> keys = new HashMap<>();

  /** How many jobs wait for Redis; while any does, later ones wait behind it. */
  private int waiting;

  private String fundingId = "";

  /** Of money: all that was ever funded in this epoch. */
  private volatile long total;

  /** Of money: what neither this router nor another one has leased. */
  private volatile long inPool;

  /** When the ledger's answer "nothing more" ends to be believed; null when it gave none. */
  private volatile Long emptyUntilNanos;

  /** The table has dropped it: who still has it looks it up again. */
  boolean dropped;

  TenantQuotas(String id, long position) {
    this.id = id;
    this.subject = new SubjectQuotas(this, "t:" + id, position);
    this.money = new QuotaLease(subject, LimitedAmount.POOL, "", Policy.MAX);
    subject.add(money);
  }

  public String id() {
    return id;
  }

  /** The tenant's own leases. */
  public SubjectQuotas subject() {
    return subject;
  }

  public QuotaLease money() {
    return money;
  }

  Map<String, SubjectQuotas> keys() {
    return keys;
  }

  /** The leases of a key, if any are here; else null. */
  public SubjectQuotas key(String keyId) {
    return keys.get(keyId);
  }

  SubjectQuotas key(String keyId, long position) {
    SubjectQuotas known = keys.get(keyId);
    if (known == null) {
      known = new SubjectQuotas(this, "k:" + keyId, position);
      keys.put(keyId, known);
    }
    return known;
  }

  void eachSubject(Consumer<SubjectQuotas> work) {
    work.accept(subject);
    keys.values().forEach(work);
  }

  // --- jobs that wait ---

  public boolean hasWaiting() {
    return waiting > 0;
  }

  /** A job waits for leases. */
  public void await(QuotaBinding binding, ReservationRequest request) {
    waiting++;
    binding.addPending(request);
  }

  /** A job waits no more. */
  public void leave(QuotaBinding binding, ReservationRequest request) {
    waiting--;
    binding.removePending(request);
    if (waiting == 0) {
      eachSubject(SubjectQuotas::clearPending);
    }
  }

  // --- money ---

  String fundingId() {
    return fundingId;
  }

  /** All that was ever funded in this epoch, in nano-dollars. */
  public long total() {
    return total;
  }

  /** What no router has leased, in nano-dollars. */
  public long inPool() {
    return inPool;
  }

  void funded(LeaseGrant money) {
    total = money.total();
    fundingId = money.funding();
    inPool = money.taken();
  }

  void newEpoch() {
    fundingId = "";
    total = 0;
  }

  /** The ledger has nothing more. By the monotonic clock, so that a set clock hides no top-up. */
  public void emptyUntil(long nanos) {
    emptyUntilNanos = nanos;
  }

  /** True when the ledger said a moment ago that there is nothing more. */
  public boolean isEmpty(long nanos) {
    Long until = emptyUntilNanos;
    return until != null && until - nanos > 0;
  }
}
