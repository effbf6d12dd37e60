package io.naap.auth.siwe;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Asks a contract wallet whether a signature is valid: ERC-1271, and ERC-6492 for a wallet that is
 * not deployed yet.
 *
 * <p>The question is the creation code of a contract that calls the wallet and leaves one byte as
 * its own code. It runs as an {@code eth_call}, so the factories and wallets that it calls can
 * change no state and spend no funds or allowances. The creation code never reverts and needs
 * little gas, so an error comes from the endpoint and not from the wallet. An address without code,
 * such as a precompile, is never asked; otherwise the identity precompile, which returns its input,
 * would confirm hashes whose first 28 bytes are zero (ethereum/ERCs issue 877). For a wallet that
 * is already deployed the factory is not called.
 */
final class ContractSignature {
  /** The byte that stands for a valid signature; all but this and {@link #INVALID} are errors. */
  private static final byte VALID = 1;

  private static final byte INVALID = 0;

  private static final int WORD = 32;
  private static final byte[] WRAPPED = HexFormat.of().parseHex("6492".repeat(16));
  private static final byte[] IS_VALID_SIGNATURE = HexFormat.of().parseHex("1626ba7e");

  /**
   * Creation code of the asking contract. Its arguments follow it: the words chain id, account,
   * factory, length of the factory's call data and length of the account's call data, then the two
   * call data.
   */
  private static final byte[] ASK =
      HexFormat.of()
          .parseHex(
              "606980380390600039" // arguments to memory at 0
                  + "6000514614601657" // chain id as expected? go on at 0x16
                  + "6002606056" // no: answer 2
                  + "5b" // 0x16
                  + "6020513b603b57" // code at the account? ask it at 0x3b
                  + "6000600060605160a060006040515af150" // no: call the factory, come what may
                  + "6020513b603b57" // code now? ask it
                  + "6000606056" // no: answer 0
                  + "5b" // 0x3b
                  + "6020604060805160605160a0016020515afa" // staticcall, at most a word back
                  + "601f3d1116" // no revert, and a whole word
                  + "604051631626ba7e60e01b1416" // that is the magic value, zeros included
                  + "5b" // 0x60
                  + "60005360016000f3"); // the answer's last byte becomes the code

  private ContractSignature() {}

  /** A signature, with the factory call that deploys its wallet. */
  private static final class Counterfactual {
    private final byte[] factory;
    private final byte[] deployment;
    private final byte[] signature;

    Counterfactual(byte[] factory, byte[] deployment, byte[] signature) {
      this.factory = factory;
      this.deployment = deployment;
      this.signature = signature;
    }
  }

  /**
   * True when a signature has the ERC-6492 suffix, which means that its wallet may not be deployed
   * yet.
   */
  static boolean isWrapped(byte[] signature) {
    return signature.length >= WORD
        && Arrays.equals(
            signature, signature.length - WORD, signature.length, WRAPPED, 0, WRAPPED.length);
  }

  /** True when the contract at an address, deployed or not, accepts the signature. */
  static boolean isOf(Chains chains, long chainId, String address, byte[] hash, byte[] signature)
      throws Chains.UnavailableException {
    Counterfactual what = new Counterfactual(new byte[20], new byte[0], signature);
    if (isWrapped(signature)) {
      Optional<Counterfactual> unwrapped = unwrap(signature);
      if (unwrapped.isEmpty()) {
        return false;
      }
      what = unwrapped.get();
    }
    byte[] answer = chains.create(chainId, question(chainId, address, hash, what));
    if (answer.length == 1 && (answer[0] == VALID || answer[0] == INVALID)) {
      return answer[0] == VALID;
    }
    throw new Chains.UnavailableException(
        answer.length == 1 ? "the endpoint is of another chain" : "the answer is not ours");
  }

  private static byte[] question(long chainId, String address, byte[] hash, Counterfactual what) {
    ByteArrayOutputStream call = new ByteArrayOutputStream();
    call.writeBytes(IS_VALID_SIGNATURE);
    call.writeBytes(hash);
    call.writeBytes(word(2 * WORD));
    call.writeBytes(word(what.signature.length));
    call.writeBytes(what.signature);
    call.writeBytes(new byte[Math.floorMod(-what.signature.length, WORD)]);

    ByteArrayOutputStream question = new ByteArrayOutputStream();
    question.writeBytes(ASK);
    question.writeBytes(word(chainId));
    question.writeBytes(word(HexFormat.of().parseHex(address.substring(2))));
    question.writeBytes(word(what.factory));
    question.writeBytes(word(what.deployment.length));
    question.writeBytes(word(call.size()));
    question.writeBytes(what.deployment);
    question.writeBytes(call.toByteArray());
    return question.toByteArray();
  }

  /**
   * Decodes an ERC-6492 signature: {@code abi.encode(address factory, bytes deployment, bytes
   * signature)} and the suffix.
   */
  private static Optional<Counterfactual> unwrap(byte[] signature) {
    byte[] encoded = Arrays.copyOf(signature, signature.length - WORD);
    if (encoded.length < 3 * WORD || !Arrays.equals(encoded, 0, 12, new byte[12], 0, 12)) {
      return Optional.empty();
    }
    byte[] factory = Arrays.copyOfRange(encoded, 12, WORD);
    return bytes(encoded, WORD)
        .flatMap(
            deployment ->
                bytes(encoded, 2 * WORD)
                    .map(inner -> new Counterfactual(factory, deployment, inner)));
  }

  /** The bytes that the ABI offset at a position points to; empty when they are out of range. */
  private static Optional<byte[]> bytes(byte[] encoded, int at) {
    return number(encoded, at)
        .flatMap(
            start ->
                number(encoded, start)
                    .filter(length -> length <= encoded.length - start - WORD)
                    .map(
                        length ->
                            Arrays.copyOfRange(encoded, start + WORD, start + WORD + length)));
  }

  /** The word at a position as an offset or length; empty when it exceeds the encoded bytes. */
  private static Optional<Integer> number(byte[] encoded, int at) {
    if (at > encoded.length - WORD) {
      return Optional.empty();
    }
    BigInteger number = new BigInteger(1, encoded, at, WORD);
    return number.compareTo(BigInteger.valueOf(encoded.length)) > 0
        ? Optional.empty()
        : Optional.of(number.intValueExact());
  }

  private static byte[] word(long number) {
    return word(BigInteger.valueOf(number).toByteArray());
  }

  private static byte[] word(byte[] number) {
    byte[] word = new byte[WORD];
    System.arraycopy(number, 0, word, WORD - number.length, number.length);
    return word;
  }
}
