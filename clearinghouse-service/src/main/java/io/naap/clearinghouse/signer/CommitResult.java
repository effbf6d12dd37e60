package io.naap.clearinghouse.signer;

/** What came of recording a payment. Only after {@link Granted} and {@link Repeated} is signed. */
sealed interface CommitResult {
  /** Committed: these nonces are this payment's alone. */
  record Granted(TicketStore.Batch batch) implements CommitResult {}

  /** The very same request was granted before; it gets the very same answer. */
  record Repeated(TicketStore.Batch batch) implements CommitResult {}

  /**
   * Nothing was recorded.
   *
   * @param reason for the metrics, lower-case words joined by underscores
   */
  record Refused(int status, String reason, String message) implements CommitResult {}
}
