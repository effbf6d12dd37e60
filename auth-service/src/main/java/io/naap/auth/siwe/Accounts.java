package io.naap.auth.siwe;

import io.naap.auth.wallet.Address;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Decides whose a signature is. In the order of ERC-6492: its mark, then the code at the address,
 * then a key of the account's own. Who signs with a key is the address on every chain; a contract
 * is itself on its own chain only, for elsewhere another may stand at its address.
 */
final class Accounts {
  private static final Logger LOG = Logger.getLogger(Accounts.class);

  /** No signature of a contract wallet is longer, in bytes. */
  private static final int MOST_BYTES = 8 * 1024;

  private static final Pattern HEX = Pattern.compile("0x(?:[0-9a-fA-F]{2})*+");
  private static final byte[] DELEGATION = HexFormat.of().parseHex("ef0100");
  private static final int DELEGATION_LENGTH = 23;

  private final Chains chains;

  Accounts(Chains chains) {
    this.chains = chains;
  }

  /** Whose a signature is. */
  sealed interface Verdict {
    /**
     * The account of the message's address.
     *
     * @param account EIP-55 address for who has a key, {@code eip155:<chain id>:<address>} for a
     *     contract
     */
    record Proven(String account) implements Verdict {}

    /**
     * Not the message's address.
     *
     * @param code for programs
     * @param why for the person
     */
    record Unproven(String code, String why) implements Verdict {}

    /** The chain did not answer: nobody knows. */
    record Unknown() implements Verdict {}
  }

  Verdict judge(SiweMessage message, String text, String signature) {
    Optional<byte[]> bytes = bytes(signature);
    if (bytes.isEmpty() || Address.isReserved(message.address())) {
      return notSigned();
    }
    if (!chains.knows(message.chainId())) {
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
          "Chain %d does not say whose a signature is: %s", message.chainId(), silent.getMessage());
      return new Verdict.Unknown();
    }
  }

  private Verdict onChain(SiweMessage message, String text, String signature, byte[] bytes)
      throws Chains.UnavailableException {
    if (ContractSignature.isWrapped(bytes)) {
      return byContract(message, text, bytes);
    }
    byte[] code = chains.code(message.chainId(), message.address());
    if (code.length == 0) {
      return byKey(message, text, signature);
    }
    // EIP-7702: the account still has its key, and beside it code that speaks for it on this chain.
    if (isDelegation(code) && byKey(message, text, signature) instanceof Verdict.Proven proven) {
      return proven;
    }
    return byContract(message, text, bytes);
  }

  private static Verdict byKey(SiweMessage message, String text, String signature) {
    return WalletSignature.signer(text, signature).filter(message.address()::equals).isPresent()
        ? new Verdict.Proven(message.address())
        : notSigned();
  }

  private Verdict byContract(SiweMessage message, String text, byte[] signature)
      throws Chains.UnavailableException {
    return ContractSignature.isOf(
            chains, message.chainId(), message.address(), WalletSignature.digest(text), signature)
        ? new Verdict.Proven("eip155:" + message.chainId() + ':' + message.address())
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
