package io.naap.store;

/** Postgres or Redis did not answer: what was asked of it may or may not have happened. */
public final class StoreAwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
