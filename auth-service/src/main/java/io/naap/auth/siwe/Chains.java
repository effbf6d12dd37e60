package io.naap.auth.siwe;

/**
 * Calls to the chains that accounts live on, through their JSON-RPC endpoints, at the latest block.
 */
interface Chains {
  /** True when an endpoint is configured for the chain. */
  boolean knows(long chainId);

  /**
   * The code at an address; empty when there is none.
   *
   * @throws UnavailableException when the endpoint does not answer in time, exceeds a limit or is
   *     of another chain
   */
  byte[] code(long chainId, String address) throws UnavailableException;

  /**
   * Simulates the creation of a contract and returns the code it would leave. Nothing is created on
   * the chain, and no gas is paid.
   *
   * @throws UnavailableException as for {@link #code}; also when the creation fails
   */
  byte[] create(long chainId, byte[] initCode) throws UnavailableException;

  /** A chain's endpoint gave no usable answer. The message is for the log. */
  final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(String why) {
      super(why, null, false, false);
    }
  }
}
