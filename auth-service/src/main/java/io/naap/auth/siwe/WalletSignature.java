package io.naap.auth.siwe;

import fr.acinq.secp256k1.Secp256k1;
import io.naap.auth.wallet.Address;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.web3j.crypto.Hash;

/**
 * Recovers the signer of a text from a signature with an account's own key (EIP-191, version 0x45):
 * 65 bytes with a low s and v of 0, 1, 27 or 28. The 64-byte form of ERC-2098 is a second encoding
 * of the same signature that no wallet sends here, so it is refused.
 */
final class WalletSignature {
  private static final Pattern FORM = Pattern.compile("0x[0-9a-fA-F]{130}");

  private WalletSignature() {}

  /** True when the text is 65 bytes in hexadecimal, as accounts with a key sign. */
  static boolean isOfAnAccount(String signature) {
    return signature != null && FORM.matcher(signature).matches();
  }

  /** The signer's EIP-55 address; empty for a high s, another v or an invalid signature. */
  static Optional<String> signer(String text, String signature) {
    if (!isOfAnAccount(signature)) {
      return Optional.empty();
    }
    byte[] bytes = HexFormat.of().parseHex(signature.substring(2));
    int v = bytes[64];
    int recovery = v >= 27 ? v - 27 : v;
    byte[] compact = Arrays.copyOf(bytes, 64);
    if (recovery != 0 && recovery != 1) {
      return Optional.empty();
    }
    try {
      byte[] lowS = Secp256k1.get().signatureNormalize(compact).getFirst();
      if (!Arrays.equals(lowS, compact)) {
        return Optional.empty();
      }
      byte[] point = Secp256k1.get().ecdsaRecover(compact, digest(text), recovery);
      byte[] hash = Hash.sha3(Arrays.copyOfRange(point, 1, 65));
      return Optional.of(Address.of(Arrays.copyOfRange(hash, 12, 32)));
    } catch (RuntimeException notASignature) {
      // The library throws for r or s out of range and for points that are not on the curve.
      return Optional.empty();
    }
  }

  /** The EIP-191 hash of a text, which is what a wallet signs. */
  static byte[] digest(String text) {
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(prefix, prefix.length + message.length);
    System.arraycopy(message, 0, all, prefix.length, message.length);
    return Hash.sha3(all);
  }
}
