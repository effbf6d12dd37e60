package io.naap.clearinghouse.wallet;

import fr.acinq.secp256k1.Secp256k1;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The wallets of deposit addresses, from an extended private key (BIP-32). Held as bytes and never
 * as text; each wallet signs through the same guard as any other.
 */
public final class DerivedWallets {
  private static final int PRIVATE_MAINNET = 0x0488ade4;

  private final byte[] key;
  private final byte[] chainCode;

  private DerivedWallets(byte[] key, byte[] chainCode) {
    this.key = key;
    this.chainCode = chainCode;
  }

  /**
   * Opens a file with {@code xprv...} that others cannot read.
   *
   * @param property that names the file
   * @param account the extended public key it must belong to
   * @throws IllegalStateException naming the property, never what is in the file
   */
  public static DerivedWallets open(String property, Path file, ExtendedKey account) {
    Keystore.checkPermissions(property, file);
    try {
      DerivedWallets opened = read(strip(Files.readAllBytes(file)));
      if (!opened.child(0).at(0).address().equals(account.child(0).child(0).address())) {
        throw new IllegalStateException(
            property + " is not the private key of naap.clearinghouse.usdc.xpub");
      }
      return opened.child(0);
    } catch (IOException unreadable) {
      throw new IllegalStateException(property + ": cannot read " + file, unreadable);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalStateException(property + ": " + wrong.getMessage(), wrong);
    }
  }

  private static DerivedWallets read(byte[] text) {
    byte[] all = Base58.decode(text);
    if (ByteBuffer.wrap(all).getInt() != PRIVATE_MAINNET || all[45] != 0) {
      throw new IllegalArgumentException("an extended private key begins with xprv");
    }
    return new DerivedWallets(
        Arrays.copyOfRange(all, 46, Base58.EXTENDED_KEY), Arrays.copyOfRange(all, 13, 45));
  }

  private static byte[] strip(byte[] line) {
    int length = line.length;
    while (length > 0 && line[length - 1] <= ' ') {
      length--;
    }
    return Arrays.copyOf(line, length);
  }

  /** The wallet of a deposit address, by its index. */
  public Wallet at(int index) {
    return Wallet.of(child(index).key);
  }

  private DerivedWallets child(int index) {
    if (index < 0) {
      throw new IllegalArgumentException("deposit addresses are not hardened children");
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA512");
      mac.init(new SecretKeySpec(chainCode, "HmacSHA512"));
      mac.update(Secp256k1.get().pubKeyCompress(Secp256k1.get().pubkeyCreate(key)));
      byte[] derived = mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(index).array());
      return new DerivedWallets(
          Secp256k1.get().privKeyTweakAdd(key.clone(), Arrays.copyOf(derived, 32)),
          Arrays.copyOfRange(derived, 32, 64));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public String toString() {
    return "DerivedWallets[secret]";
  }
}
