/**
 * Sign-In with Ethereum (EIP-4361). A message is read one way or refused; its nonce is consumed
 * before any cryptography; only what this origin asked this client to sign is accepted.
 */
package io.naap.auth.siwe;
