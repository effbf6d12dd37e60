package io.naap.router.admission;

/** What can be said of a job at once. */
sealed interface Decision {
  record Decided(Outcome outcome) implements Decision, LimitChecker.Verdict {}

  /** Redis must be asked; the job waits in line. */
  record Asking(PendingAdmission waiting) implements Decision {}
}
