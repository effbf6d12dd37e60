package io.naap.clearinghouse.usdc;

import fr.acinq.secp256k1.Secp256k1;
import io.naap.clearinghouse.wallet.Address;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An extended public key (BIP-32), from which addresses are derived without any private key. */
final class ExtendedKey {
  private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final int SERIALIZED = 78;
  private static final int PUBLIC_MAINNET = 0x0488b21e;

  private final byte[] publicKey;
  private final byte[] chainCode;

  private ExtendedKey(byte[] publicKey, byte[] chainCode) {
    this.publicKey = publicKey;
    this.chainCode = chainCode;
  }

  /**
   * Reads {@code xpub...}.
   *
   * @throws IllegalArgumentException when it is something else, a private key above all
   */
  static ExtendedKey parse(String text) {
    byte[] all = decode(text);
    if (all.length != SERIALIZED + 4
        || !Arrays.equals(
            Arrays.copyOf(sha256(sha256(Arrays.copyOf(all, SERIALIZED))), 4),
            Arrays.copyOfRange(all, SERIALIZED, SERIALIZED + 4))) {
      throw new IllegalArgumentException("not an extended key: its checksum is wrong");
    }
    if (ByteBuffer.wrap(all).getInt() != PUBLIC_MAINNET) {
      throw new IllegalArgumentException("an extended public key begins with xpub");
    }
    byte[] key = Arrays.copyOfRange(all, 45, SERIALIZED);
    Secp256k1.get().pubkeyParse(key);
    return new ExtendedKey(key, Arrays.copyOfRange(all, 13, 45));
  }

  /** A child that is not hardened. */
  ExtendedKey child(int index) {
    if (index < 0) {
      throw new IllegalArgumentException("a hardened child needs the private key");
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA512");
      mac.init(new SecretKeySpec(chainCode, "HmacSHA512"));
      mac.update(publicKey);
      byte[] derived = mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(index).array());
      byte[] child = Secp256k1.get().pubKeyTweakAdd(publicKey.clone(), Arrays.copyOf(derived, 32));
      return new ExtendedKey(
          Secp256k1.get().pubKeyCompress(child), Arrays.copyOfRange(derived, 32, 64));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  Address address() {
    return Address.ofPublicKey(Secp256k1.get().pubkeyParse(publicKey));
  }

  private static byte[] decode(String text) {
    if (text.length() > 120) {
      throw new IllegalArgumentException("an extended key is shorter");
    }
    BigInteger value = BigInteger.ZERO;
    for (int position = 0; position < text.length(); position++) {
      int at = DIGITS.indexOf(text.charAt(position));
      if (at < 0) {
        throw new IllegalArgumentException("not base 58");
      }
      value = value.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(at));
    }
    byte[] minimal = value.toByteArray();
    return minimal[0] == 0 ? Arrays.copyOfRange(minimal, 1, minimal.length) : minimal;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
