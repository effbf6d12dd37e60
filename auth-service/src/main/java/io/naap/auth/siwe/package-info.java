/**
 * Sign-In with Ethereum (EIP-4361). A message has exactly one reading or is refused. Its nonce is
 * used up before any cryptography. Only messages that this origin asked this client to sign are
 * accepted.
 *
 * <p>{@code SiweMessage} parses, {@code Nonces} uses up the nonce, {@code SiweRules} checks that
 * the message is for us and currently valid, {@code Accounts} verifies the signature, and {@code
 * SignIn} calls them in this order. Signatures are verified over the bytes received, never over a
 * message that was formatted again.
 *
 * <p>An account with a key is identified by its address, a contract wallet by its chain and
 * address, {@code eip155:<chain id>:<address>}. The two never denote the same user, and neither do
 * contracts on two chains. When a chain's endpoint does not answer, the sign-in fails and the nonce
 * is used up.
 */
package io.naap.auth.siwe;
