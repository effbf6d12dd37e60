package io.naap.auth.siwe;

/** What sign-in asks of the chains that accounts live on. Every answer is of the latest block. */
interface Chains {
  /** True when there is somebody to ask about a chain. */
  boolean knows(long chainId);

  /**
   * The code at an address; no bytes for none.
   *
   * @throws UnavailableException when the chain does not answer in time, within bounds and as
   *     itself
   */
  byte[] code(long chainId, String address) throws UnavailableException;

  /**
   * What a contract's creation would leave as its code. Nothing is created and nobody pays.
   *
   * @throws UnavailableException as for {@link #code}; also when the creation fails
   */
  byte[] create(long chainId, byte[] initCode) throws UnavailableException;

  /** A chain did not answer; nothing is known. Its message is for the log. */
  final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(String why) {
      super(why, null, false, false);
    }
  }
}
