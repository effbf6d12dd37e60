package io.naap.contracts.problem;

/**
 * A value that a caller sent is not allowed. The message is written for the caller and says what to
 * change; the response is 422. Any other {@link IllegalArgumentException} is a bug of ours and
 * becomes 500.
 */
public final class InvalidInput extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidInput(String message) {
    super(message);
  }

  public InvalidInput(String message, Throwable cause) {
    super(message, cause);
  }
}
