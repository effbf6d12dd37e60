package io.naap.clearinghouse.wallet;

import fr.acinq.secp256k1.Secp256k1;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An extended public key (BIP-32), from which addresses are derived without any private key. */
public final class ExtendedKey {
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
  public static ExtendedKey parse(String text) {
    byte[] all = Base58.decode(text.getBytes(StandardCharsets.US_ASCII));
    if (ByteBuffer.wrap(all).getInt() != PUBLIC_MAINNET) {
      throw new IllegalArgumentException("an extended public key begins with xpub");
    }
    byte[] key = Arrays.copyOfRange(all, 45, Base58.EXTENDED_KEY);
    Secp256k1.get().pubkeyParse(key);
    return new ExtendedKey(key, Arrays.copyOfRange(all, 13, 45));
  }

  /** A child that is not hardened. */
  public ExtendedKey child(int index) {
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

  public Address address() {
    return Address.ofPublicKey(Secp256k1.get().pubkeyParse(publicKey));
  }
}
