package io.naap.keys.leak;

/**
 * The response to GitHub for one finding.
 *
 * @param tokenHash SHA-256 of the token, hexadecimal; the token itself is not sent back
 * @param label {@code true_positive} or {@code false_positive}
 */
public record Feedback(String tokenHash, String tokenType, String label) {}
