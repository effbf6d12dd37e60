/**
 * Sign-In with Ethereum (EIP-4361). A message is read one way or refused; its nonce is consumed
 * before any cryptography; only what this origin asked this client to sign is accepted.
 *
 * <p>{@code SiweMessage} reads, {@code Nonces} uses up, {@code SiweRules} says whether a message is
 * for us and now, {@code Accounts} whose its signature is, and {@code SignIn} puts them in that
 * order. What is verified are the bytes that came, never a message written again.
 *
 * <p>An account with a key is its address. A contract wallet is its chain and its address, {@code
 * eip155:<chain id>:<address>}: the two never meet, and neither do two chains. A chain that does
 * not answer signs nobody in and costs the client its nonce.
 */
package io.naap.auth.siwe;
