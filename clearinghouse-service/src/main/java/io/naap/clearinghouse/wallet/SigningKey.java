package io.naap.clearinghouse.wallet;

/**
 * Where the private key is. Signs the Keccak hash of what it is given; nothing but {@link Wallet}.
 */
interface SigningKey {
  Address address();

  /**
   * Signs.
   *
   * @param payload whose Keccak-256 is signed
   * @return 65 bytes, low-S, v 27 or 28
   */
  byte[] sign(byte[] payload);
}
