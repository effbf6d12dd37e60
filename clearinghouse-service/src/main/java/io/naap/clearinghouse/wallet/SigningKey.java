package io.naap.clearinghouse.wallet;

/** The private key, here or in a Web3Signer. Only {@link Wallet} uses it. */
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
