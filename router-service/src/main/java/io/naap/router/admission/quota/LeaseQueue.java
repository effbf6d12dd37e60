package io.naap.router.admission.quota;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The keys and tenants that the next lease calls are about. Subjects are added with their tenant's
 * lock held, and taken by the one loop that makes the calls.
 */
public final class LeaseQueue {
  private final Queue<SubjectQuotas> asked = new ConcurrentLinkedQueue<>();
  private final Queue<SubjectQuotas> reports = new ConcurrentLinkedQueue<>();

  /** With the next call: a job waits for it, or soon will. */
  void ask(SubjectQuotas subject) {
    if (!subject.queued && !subject.seeding) {
      subject.queued = true;
      asked.add(subject);
    }
  }

  /** With a call that has room: no job waits for it. */
  void report(SubjectQuotas subject) {
    if (!subject.queued && !subject.reporting && !subject.seeding) {
      subject.reporting = true;
      reports.add(subject);
    }
  }

  /** The next that a job waits for, or null. */
  public SubjectQuotas nextAsked() {
    return asked.poll();
  }

  /** The next that is to be reported and was not meanwhile, or null. */
  public SubjectQuotas nextReport() {
    SubjectQuotas next = reports.poll();
    while (next != null && !next.reporting) {
      next = reports.poll();
    }
    return next;
  }

  /** Puts a subject back that is still marked as asked for. */
  public void askAgain(SubjectQuotas subject) {
    asked.add(subject);
  }

  /** Puts a subject back that is still marked as to be reported. */
  public void reportAgain(SubjectQuotas subject) {
    reports.add(subject);
  }

  public boolean isEmpty() {
    return asked.isEmpty() && reports.isEmpty();
  }
}
