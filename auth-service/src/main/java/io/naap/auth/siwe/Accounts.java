package io.naap.auth.siwe;

import io.naap.auth.wallet.Address;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Verifies whether a signature belongs to the address of a message. Checks in the order of
 * ERC-6492: the ERC-6492 suffix, then code at the address, then a signature with the account's own
 * key. An account with a key is the same on every chain. A contract wallet is identified by its
 * chain and address, because another contract may have the same address on another chain.
 */
final class Accounts {
  private static final Logger LOG = Logger.getLogger(Accounts.class);

  /** The most bytes of a contract wallet's signature. */
  private static final int MOST_BYTES = 8 * 1024;

  private static final Pattern HEX = Pattern.compile("0x(?:[0-9a-fA-F]{2})*+");
  private static final byte[] DELEGATION = HexFormat.of().parseHex("ef0100");
  private static final int DELEGATION_LENGTH = 23;

  private final Chains chains;

  Accounts(Chains chains) {
    this.chains = chains;
  }

  /** The result of a verification. */
  sealed interface Verdict {
    /**
     * The signature belongs to the message's address.
     *
     * @param account EIP-55 address for an account with a key, {@code eip155:<chain id>:<address>}
     *     for a contract
     */
    record Proven(String account) implements Verdict {}

    /**
     * The signature does not belong to the message's address.
     *
     * @param code for programs
     * @param why for the person
     */
    record Unproven(String code, String why) implements Verdict {}

    /** The chain's endpoint did not answer, so the signature could not be verified. */
    record Unknown() implements Verdict {}
  }

  Verdict judge(SiweMessage message, String text, String signature) {
    Optional<byte[]> bytes = bytes(signature);
    if (bytes.isEmpty() || Address.isReserved(message.account().address())) {
      return notSigned();
    }
    if (!chains.knows(message.account().chainId())) {
      return WalletSignature.isOfAnAccount(signature)
          ? byKey(message, text, signature)
          : new Verdict.Unproven(
              "unsupported_signature",
              "Send the 65 bytes of a personal_sign as 0x hexadecimal;"
                  + " contract wallets of this chain are not supported.");
    }
    try {
      return onChain(message, text, signature, bytes.get());
    } catch (Chains.UnavailableException silent) {
      LOG.warnf(
          "Chain %d does not say whose a signature is: %s",
          message.account().chainId(), silent.getMessage());
      return new Verdict.Unknown();
    }
  }

  private Verdict onChain(SiweMessage message, String text, String signature, byte[] bytes)
      throws Chains.UnavailableException {
    if (ContractSignature.isWrapped(bytes)) {
      return byContract(message, text, bytes);
    }
    byte[] code = chains.code(message.account().chainId(), message.account().address());
    if (code.length == 0) {
      return byKey(message, text, signature);
    }
    // EIP-7702: the account has code that may sign for it on this chain, but its own key still
    // signs too.
    if (isDelegation(code) && byKey(message, text, signature) instanceof Verdict.Proven proven) {
      return proven;
    }
    return byContract(message, text, bytes);
  }

  private static Verdict byKey(SiweMessage message, String text, String signature) {
    return WalletSignature.signer(text, signature)
            .filter(message.account().address()::equals)
            .isPresent()
        ? new Verdict.Proven(message.account().address())
        : notSigned();
  }

  private Verdict byContract(SiweMessage message, String text, byte[] signature)
      throws Chains.UnavailableException {
    return ContractSignature.isOf(
            chains,
            message.account().chainId(),
            message.account().address(),
            WalletSignature.digest(text),
            signature)
        ? new Verdict.Proven(
            "eip155:" + message.account().chainId() + ':' + message.account().address())
        : notSigned();
  }

  private static Verdict notSigned() {
    return new Verdict.Unproven(
        "invalid_signature", "The signature is not of the message's address.");
  }

  private static boolean isDelegation(byte[] code) {
    return code.length == DELEGATION_LENGTH
        && Arrays.equals(code, 0, DELEGATION.length, DELEGATION, 0, DELEGATION.length);
  }

  private static Optional<byte[]> bytes(String signature) {
    return signature != null
            && signature.length() <= 2 + 2 * MOST_BYTES
            && HEX.matcher(signature).matches()
        ? Optional.of(HexFormat.of().parseHex(signature, 2, signature.length()))
        : Optional.empty();
  }
}
