package io.naap.deploy.simulator;

import fr.acinq.secp256k1.Secp256k1;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.web3j.crypto.Hash;

/** The little of Ethereum that an orchestrator needs: keccak, EIP-191 and who signed. */
final class Eth {
  private static final HexFormat HEX = HexFormat.of();

  private Eth() {}

  static byte[] keccak(byte[]... parts) {
    return Hash.sha3(concat(parts));
  }

  /** EIP-191 over a message: what {@code personal_sign} signs. */
  static byte[] personal(byte[] message) {
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.UTF_8);
    return keccak(prefix, message);
  }

  /** The address that signed a 32-byte digest; empty unless 65 bytes, low s, and v 27 or 28. */
  static Optional<byte[]> signer(byte[] digest, byte[] signature) {
    if (signature.length != 65 || (signature[64] != 27 && signature[64] != 28)) {
      return Optional.empty();
    }
    byte[] compact = Arrays.copyOf(signature, 64);
    try {
      byte[] normal = Secp256k1.get().signatureNormalize(compact).getFirst();
      if (!Arrays.equals(normal, compact)) {
        return Optional.empty();
      }
      byte[] key = Secp256k1.get().ecdsaRecover(compact, digest, signature[64] - 27);
      return Optional.of(Arrays.copyOfRange(keccak(Arrays.copyOfRange(key, 1, 65)), 12, 32));
    } catch (RuntimeException notASignature) {
      return Optional.empty();
    }
  }

  static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  static String hex(byte[] bytes) {
    return "0x" + HEX.formatHex(bytes);
  }

  /** Reads hexadecimal with or without {@code 0x}. */
  static byte[] bytes(String hex) {
    return HEX.parseHex(hex.startsWith("0x") ? hex.substring(2) : hex);
  }
}
