package io.naap.clearinghouse.signer.tokens;

import io.naap.contracts.problem.InvalidInput;

/**
 * Asks for a signer token.
 *
 * @param name to tell it from others, 1 to 100 characters
 */
public record SignerTokenRequest(String name) {
  private static final int MAX_NAME = 100;

  public SignerTokenRequest {
    if (name == null || name.isBlank() || name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
      throw new InvalidInput("name has 1 to 100 characters");
    }
  }
}
